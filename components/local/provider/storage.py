"""The store's directory, and the dataset in it."""

import os
from pathlib import Path
from urllib.parse import unquote

from components.inputs.dataset import SAMPLE, dataset_key
from components.local.provider.files import home_of, private_folder, remove
from components.local.provider.resource_kind import Kind, Run
from components.local.provider.values import UNKNOWN, Values
from components.packaging.source_files import file_digest
from function_code.errors import Refused


def directory_of(store: str) -> Path:
    """The directory that a store's file:// URL names."""
    return Path(unquote(store.removeprefix("file://")))


class Directory(Kind):
    """The directory that plays the bucket. Inputs: folder. Outputs: url."""

    def lost(self, old: Values) -> list[str]:
        path = _store_in(old["folder"])
        return [] if path.is_dir() and path.as_uri() == old["url"] else ["url"]

    def foresee(self, old: Values, new: Values) -> Values:
        return {"url": _store_in(new["folder"]).as_uri()}

    def create(self, new: Values, run: Run) -> Values:
        private_folder(home_of(new["folder"]))
        return {"url": private_folder(_store_in(new["folder"])).as_uri()}

    def delete(self, old: Values) -> None:
        remove(_store_in(old["folder"]))


class Dataset(Kind):
    """A CSV file in the store. Inputs: store, name, source (none: the synthetic sample), digest. Outputs: key, sha256.

    `digest` is the source's sha256, or for the sample one of the code that makes it.
    """

    def lost(self, old: Values) -> list[str]:
        path = directory_of(old["store"]) / old["key"]
        return [] if path.is_file() and file_digest(path) == old["sha256"] else ["sha256"]

    def foresee(self, old: Values, new: Values) -> Values:
        return {"key": _key(new), "sha256": new["digest"] if new["source"] else UNKNOWN}

    def create(self, new: Values, run: Run) -> Values:
        key = _key(new)
        path = directory_of(new["store"]) / key
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f".{path.name}.part")
        try:
            digest = _copy(new, part) if new["source"] else _generate(part, run)
            os.replace(part, path)
        finally:
            part.unlink(missing_ok=True)
        return {"key": key, "sha256": digest}

    def update(self, old: Values, new: Values, run: Run) -> Values:
        made = self.create(new, run)
        if (old["store"], old["key"]) != (new["store"], made["key"]):
            self.delete(old)
        return made

    def delete(self, old: Values) -> None:
        remove(directory_of(old["store"]) / old["key"])


def _store_in(folder: str) -> Path:
    return home_of(folder) / "store"


def _key(new: Values) -> str:
    return dataset_key(new["name"], Path(new["source"]).name if new["source"] else SAMPLE)


def _copy(new: Values, part: Path) -> str:
    import shutil

    source = Path(new["source"])
    try:
        shutil.copyfile(source, part)
    except OSError as error:
        raise Refused(f"dataset {source} cannot be read: {error.strerror}") from None
    digest = file_digest(part)
    if digest != new["digest"]:
        raise Refused(
            f"dataset {source} was being written while it was copied; run `pulumi up` again when it is complete"
        )
    return digest


def _generate(part: Path, run: Run) -> str:
    from function_code.data import synthetic

    run.log("no dataset is configured: making a synthetic sample")
    synthetic.write(part)
    return file_digest(part)

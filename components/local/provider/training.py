"""A training run, in a process of its own."""

import json
from pathlib import Path

from components.local.provider.commands import outcome_of, training_options
from components.local.provider.files import home_of, private_folder, remove, write_private
from components.local.provider.resource_kind import ResourceKind, Run
from components.local.provider.storage import directory_of
from components.local.provider.values import UNKNOWN, Values
from function_code.schema import Schema

NOT_PROMOTED = 5
OUTPUTS = ("version", "promoted", "reasons", "metrics")


class TrainingRun(ResourceKind):
    """Trains a version of the model whenever data, code or settings change. The versions before it stay in the store.

    Inputs: folder, store, model, dataset, data, code, settings. Outputs: version, promoted, reasons, metrics. `data`
    and `code` are digests, `settings` the document of the training's settings. Beside the store it leaves request.json,
    a sample request for the version that serves.
    """

    def drifted_outputs(self, old: Values) -> list[str]:
        model = directory_of(old["store"]) / "models" / old["model"]
        holds = {
            "version": (model / "versions" / old["version"] / "manifest.json").is_file(),
            "promoted": not old["promoted"] or (model / "serving.json").is_file(),
            "request": _holds(_request(old["folder"]), _sample(old)),
        }
        return [name for name, there in holds.items() if not there]

    def is_deleted(self, old: Values) -> bool:
        return "version" in self.drifted_outputs(old)

    def preview(self, old: Values, new: Values) -> Values:
        trains = self._must_train(old, new)
        return {name: UNKNOWN if trains else old[name] for name in OUTPUTS}

    def create(self, new: Values, run: Run) -> Values:
        arguments = ["train", new["dataset"], "--json", *training_options(new)]
        outcome = outcome_of(arguments, "training", "nothing was published", run, (0, NOT_PROMOTED))
        outputs = {name: outcome[name] for name in OUTPUTS}
        _write_request({**new, **outputs})
        if not outputs["promoted"]:
            run.warn(f"version {outputs['version']} is kept, but it does not serve: {'; '.join(outputs['reasons'])}")
        return outputs

    def update(self, old: Values, new: Values, run: Run) -> Values:
        if self._must_train(old, new):
            return self.create(new, run)
        _write_request(old)
        return {name: old[name] for name in OUTPUTS}

    def delete(self, old: Values) -> None:
        remove(_request(old["folder"]))

    def _must_train(self, old: Values, new: Values) -> bool:
        return not old or any(old.get(key) != new[key] for key in new) or self.drifted_outputs(old) != ["request"]


def _request(folder: str) -> Path:
    return home_of(folder) / "request.json"


def _write_request(state: Values) -> None:
    path = _request(state["folder"])
    private_folder(path.parent)
    write_private(path, _sample(state))


def _sample(state: Values) -> bytes:
    """A request for the version that serves, which somebody may have rolled back to, or else for the trained one."""
    model = directory_of(state["store"]) / "models" / state["model"]
    for version in (stable_version(model), state["version"]):
        try:
            manifest = json.loads((model / "versions" / version / "manifest.json").read_bytes())
        except (OSError, ValueError):
            continue
        example = Schema.from_json(manifest["schema"]).example()
        return json.dumps({"instances": [example]}, ensure_ascii=False, indent=1).encode()
    return b""


def stable_version(model: Path) -> str:
    """The stable version of a model's folder, "" if there is none."""
    try:
        return str(json.loads((model / "serving.json").read_bytes())["stable"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def _holds(path: Path, content: bytes) -> bool:
    try:
        return path.read_bytes() == content
    except OSError:
        return False

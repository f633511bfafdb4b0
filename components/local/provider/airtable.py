"""A table of Airtable: a pull of it, and the predictions written back to it, each by a process of its own."""

import json
from threading import Event
from typing import Any

from components.local.provider.commands import model_options, outcome_of, training_options
from components.local.provider.files import remove
from components.local.provider.resource_kind import ResourceKind, Run
from components.local.provider.secret import secret_file
from components.local.provider.storage import directory_of
from components.local.provider.training import stable_version
from components.local.provider.values import UNKNOWN, Values
from components.packaging.source_files import file_digest
from function_code.airtable.state import records_key
from function_code.errors import Refused


def _ignore(line: str) -> None:
    """Ignores a line of a comparison, which nobody reads."""


SILENT = Run(_ignore, _ignore, Event())


class Pull(ResourceKind):
    """A dataset that comes from Airtable, anew when enough records changed. Outputs: key, sha256.

    Inputs: folder, store, model, airtable (the settings without the token), token (the name of its file), secret
    (its digest), settings (the document of the training's settings).
    """

    def drifted_outputs(self, old: Values) -> list[str]:
        if self.is_deleted(old):
            return ["sha256"]
        try:
            outcome = outcome_of(_pull(old, "--look"), "looking into Airtable", "nothing was read", SILENT)
        except Refused:
            return ["key"]  # the pull that follows says what is wrong
        return ["key"] if outcome["differs"] else []

    def is_deleted(self, old: Values) -> bool:
        path = directory_of(old["store"]) / old["key"]
        return not path.is_file() or file_digest(path) != old["sha256"]

    def preview(self, old: Values, new: Values) -> Values:
        return {"key": UNKNOWN, "sha256": UNKNOWN}

    def create(self, new: Values, run: Run) -> Values:
        outcome = outcome_of(_pull(new), "reading from Airtable", "no dataset was written", run)
        return {"key": outcome["dataset"], "sha256": file_digest(directory_of(new["store"]) / outcome["dataset"])}

    def update(self, old: Values, new: Values, run: Run) -> Values:
        if self.is_deleted(old):
            (directory_of(old["store"]) / old["key"]).unlink(missing_ok=True)
        return self.create(new, run)

    def delete(self, old: Values) -> None:
        store, model = directory_of(old["store"]), old["model"]
        remove(*store.glob(f"datasets/{model}/airtable-*.csv"), store / "airtable" / model)


class WriteBack(ResourceKind):
    """The predictions of the version that serves, in the table. Outputs: version, records.

    Inputs: folder, store, model, airtable, token, secret, data (the digest of the dataset), trained (the version that
    was trained last). `records` is the digest of what is known of the table, with what was written to it.
    """

    def drifted_outputs(self, old: Values) -> list[str]:
        now = _known(old)
        return [name for name in now if now[name] != old[name]]

    def is_deleted(self, old: Values) -> bool:
        return False

    def preview(self, old: Values, new: Values) -> Values:
        return {"version": UNKNOWN, "records": UNKNOWN}

    def create(self, new: Values, run: Run) -> Values:
        arguments = ["write-back", "--json", *model_options(new), _airtable(new)]
        outcome_of(arguments, "writing into Airtable", "the next update writes the rest", run)
        return _known(new)

    def delete(self, old: Values) -> None:
        """Deletes nothing: the predictions in Airtable are the user's, and stay."""


def _known(state: Values) -> dict[str, str]:
    store = directory_of(state["store"])
    records = store / records_key(state["model"])
    return {
        "version": stable_version(store / "models" / state["model"]),
        "records": file_digest(records) if records.is_file() else "",
    }


def _pull(inputs: Values, *more: str) -> list[str]:
    return ["pull", "--json", *training_options(inputs), _airtable(inputs), *more]


def _airtable(inputs: Values) -> str:
    settings: dict[str, Any] = {**inputs["airtable"], "token": str(secret_file(inputs["folder"], inputs["token"]))}
    return f"--airtable={json.dumps(settings)}"

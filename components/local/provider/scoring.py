"""Files to score, as the clouds have them under `batch/<model>/in/`: whatever was put there since the last update."""

from pathlib import Path

from components.local.provider.commands import model_options, outcome_of
from components.local.provider.files import ROOT, private_folder
from components.local.provider.resource_kind import ResourceKind, Run
from components.local.provider.storage import directory_of
from components.local.provider.values import UNKNOWN, Values
from function_code.batch import arrivals_prefix, results_key
from function_code.batch.unseen import outcome_line
from function_code.data.endings import ENDINGS
from function_code.errors import Refused


class Scores(ResourceKind):
    """The scores of the files that wait. Inputs: store, model. Outputs: scored, the keys of those scored last."""

    def drifted_outputs(self, old: Values) -> list[str]:
        return ["scored"] if _waiting(old) or not _folder(old).is_dir() else []

    def is_deleted(self, old: Values) -> bool:
        return False

    def preview(self, old: Values, new: Values) -> Values:
        return {"scored": UNKNOWN}

    def create(self, new: Values, run: Run) -> Values:
        private_folder(_folder(new))
        scored, failed = [], []
        for key in _waiting(new):
            try:
                _score(new, key, run)
                scored.append(key)
            except Refused as problem:
                failed.append(str(problem))
                if run.cancelled.is_set():
                    break
        if failed:
            raise Refused("\n".join(failed))
        return {"scored": scored}

    def delete(self, old: Values) -> None:
        """They are the user's, and go with the store."""


def _folder(inputs: Values) -> Path:
    return directory_of(inputs["store"]) / arrivals_prefix(inputs["model"])


def _waiting(inputs: Values) -> list[str]:
    """The keys of the files that came after their scores, or have none."""
    store = directory_of(inputs["store"])
    paths = [path for path in sorted(_folder(inputs).rglob("*")) if path.name.lower().endswith(ENDINGS)]
    keys = {path.relative_to(store).as_posix(): path for path in paths if path.is_file()}
    return [
        key
        for key, path in keys.items()
        if _arrived(path) > _written(store / results_key(inputs["model"], key) / "summary.json")
    ]


def _arrived(path: Path) -> int:
    # Not when it was modified: whoever moves or copies a file may keep that time.
    return path.stat().st_ctime_ns


def _written(summary: Path) -> int:
    return summary.stat().st_mtime_ns if summary.is_file() else 0


def _score(inputs: Values, key: str, run: Run) -> None:
    """Raises Refused, with what to do."""
    store = directory_of(inputs["store"])
    arguments = ["score", key, "--json", *model_options(inputs)]
    try:
        outcome = outcome_of(arguments, "scoring", "the next update begins it anew", run)
    except Refused as problem:
        raise Refused(f"{_shown(store / key)}: {problem}; mend or remove the file, and update again") from None
    run.log(outcome_line(outcome, _shown(store / outcome["results"])))


def _shown(path: Path) -> str:
    return str(path.relative_to(ROOT))

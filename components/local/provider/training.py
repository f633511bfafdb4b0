"""A training run, in a process of its own."""

import json
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import IO, Any

from components.local.provider.files import ROOT, home_of, private_folder, remove, write_private
from components.local.provider.kind import Kind, Run
from components.local.provider.leash import PATIENCE
from components.local.provider.storage import directory_of
from components.local.provider.surroundings import environment
from components.local.provider.values import UNKNOWN, Values
from function_code.errors import Refused

NOT_PROMOTED = 5
# Inputs that are options of the command line under the same name.
SAME_NAME = (
    "store", "model", "target", "group", "time", "task", "framework", "estimator", "owned", "budget", "objective",
)  # fmt: skip
ERROR = "error: "


class TrainingRun(Kind):
    """Trains a version of the model whenever data, code or settings change. The versions before it stay in the store.

    Inputs: folder, store, model, dataset, data, code, synthetic and the settings of a training. Outputs: version,
    promoted, reasons, metrics. `data` and `code` are digests. Beside the store it leaves request.json, a
    sample request for the endpoint.
    """

    def lost(self, old: Values) -> list[str]:
        model = directory_of(old["store"]) / "models" / old["model"]
        holds = {
            "version": (model / "versions" / old["version"] / "manifest.json").is_file(),
            "promoted": not old["promoted"] or (model / "serving.json").is_file(),
            "request": _request(old["folder"]).is_file(),
        }
        return [name for name, there in holds.items() if not there]

    def gone(self, old: Values) -> bool:
        return "version" in self.lost(old)

    def foresee(self, old: Values, new: Values) -> Values:
        made = ("version", "promoted", "reasons", "metrics")
        return {name: UNKNOWN if self._must_train(old, new) else old[name] for name in made}

    def create(self, new: Values, run: Run) -> Values:
        outcome = _train(new, run)
        made = {name: outcome[name] for name in ("version", "promoted", "reasons", "metrics")}
        if made["promoted"] or not _request(new["folder"]).exists():
            _write_request({**new, **made})
        if not made["promoted"]:
            run.warn(f"version {made['version']} is kept, but it does not serve: {'; '.join(made['reasons'])}")
        return made

    def update(self, old: Values, new: Values, run: Run) -> Values:
        if self._must_train(old, new):
            return self.create(new, run)
        _write_request(old)
        return {name: old[name] for name in ("version", "promoted", "reasons", "metrics")}

    def delete(self, old: Values) -> None:
        remove(_request(old["folder"]))

    def _must_train(self, old: Values, new: Values) -> bool:
        return not old or any(old.get(key) != new[key] for key in new) or self.lost(old) != ["request"]


def _request(folder: str) -> Path:
    return home_of(folder) / "request.json"


def _write_request(state: Values) -> None:
    version = directory_of(state["store"]) / "models" / state["model"] / "versions" / state["version"]
    manifest = json.loads((version / "manifest.json").read_bytes())
    example = {column["name"]: column["example"] for column in manifest["schema"]["features"]}
    path = _request(state["folder"])
    private_folder(path.parent)
    write_private(path, json.dumps({"instances": [example]}, ensure_ascii=False, indent=1).encode())


def _train(new: Values, run: Run) -> dict[str, Any]:
    """Runs the training; returns what it prints. Raises Refused with its one line of error."""
    with tempfile.TemporaryFile() as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "components.local.provider.leash", "train", *arguments(new)],
            cwd=ROOT,
            env=environment(),
            stdin=subprocess.PIPE,
            stdout=out,
            stderr=subprocess.PIPE,
        )
        assert process.stdin is not None and process.stderr is not None  # noqa: PT018, S101 - as asked for above
        said: list[str] = []
        listener = threading.Thread(target=_listen, args=(process.stderr, said, run), daemon=True)
        listener.start()
        while process.poll() is None and not run.cancelled.wait(0.05):
            pass
        process.stdin.close()
        try:
            code = process.wait(2 * PATIENCE)
        finally:
            process.kill()
        listener.join()
        process.stderr.close()
        if run.cancelled.is_set():
            raise Refused("training was interrupted; nothing was published")
        if code not in (0, NOT_PROMOTED):
            raise Refused(f"training failed: {said[-1].removeprefix(ERROR) if said else f'exit code {code}'}")
        out.seek(0)
        outcome: dict[str, Any] = json.loads(out.read().splitlines()[-1])
        return outcome


def arguments(new: Values) -> list[str]:
    """The command line for these inputs."""
    options = {
        **{name: new[name] for name in SAME_NAME},
        "id": _columns(new["ids"]),
        "drop": _columns(new["drop"]),
    }
    # In one word with its option, a value may begin with a dash.
    given = [new["dataset"], "--json", *(f"--{name}={value}" for name, value in options.items())]
    given += [f"--kind={column}={kind}" for column, kind in sorted(new["kinds"].items())]
    return [*given, "--synthetic"] if new["synthetic"] else given


def _columns(names: list[str]) -> str:
    """Names as the command line takes them: like a line of a CSV file."""
    import csv
    import io

    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(names)
    return line.getvalue()


def _listen(lines: IO[bytes], said: list[str], run: Run) -> None:
    """Shows the lines as they come, but for the last of a failure: it is what the failure will say."""
    for raw in lines:
        line = raw.decode(errors="replace").strip()
        if line:
            said.append(line)
            if not line.startswith(ERROR):
                run.say(line)

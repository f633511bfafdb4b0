"""Commands of function_code, each in a process of its own that ends with this one."""

import json
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from typing import IO, Any

from components.local.provider.child_process import STOP_SECONDS
from components.local.provider.environment import environment
from components.local.provider.files import ROOT
from components.local.provider.resource_kind import Run
from components.local.provider.values import Values
from function_code.errors import Refused

ERROR = "error: "


def outcome_of(arguments: Sequence[str], title: str, interrupted: str, run: Run, codes: Sequence[int] = (0,)) -> Any:
    """The JSON that a command prints, decoded. Raises Refused with its one line of error.

    `title` is what people call the command, `interrupted` what there is to say when it was; `codes` are no failures.
    """
    with tempfile.TemporaryFile() as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "components.local.provider.child_process", *arguments],
            cwd=ROOT,
            env=environment(),
            stdin=subprocess.PIPE,
            stdout=out,
            stderr=subprocess.PIPE,
        )
        assert process.stdin is not None and process.stderr is not None  # noqa: PT018, S101 - as asked for above
        lines: list[str] = []
        listener = threading.Thread(target=_show, args=(process.stderr, lines, run), daemon=True)
        listener.start()
        while process.poll() is None and not run.cancelled.wait(0.05):
            pass
        process.stdin.close()
        try:
            code = process.wait(2 * STOP_SECONDS)
        finally:
            process.kill()
        listener.join()
        process.stderr.close()
        if run.cancelled.is_set():
            raise Refused(f"{title} was interrupted; {interrupted}")
        if code not in codes:
            raise Refused(f"{title} failed: {lines[-1].removeprefix(ERROR) if lines else f'exit code {code}'}")
        out.seek(0)
        return json.loads(out.read().splitlines()[-1])


def model_options(inputs: Values) -> list[str]:
    """The options that name the store and the model."""
    return [f"--store={inputs['store']}", f"--model={inputs['model']}"]


def training_options(inputs: Values) -> list[str]:
    """The same, and the document of the training's settings as it is."""
    return [*model_options(inputs), f"--settings={inputs['settings']}"]


def _show(stream: IO[bytes], lines: list[str], run: Run) -> None:
    """Shows the lines as they come, and keeps them; an error is not shown: it is what the failure will say."""
    for raw in stream:
        line = raw.decode(errors="replace").strip()
        if line:
            lines.append(line)
            if not line.startswith(ERROR):
                run.log(line)

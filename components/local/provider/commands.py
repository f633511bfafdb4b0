"""Commands of function_code, each in a process of its own that ends with this one."""

import json
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from typing import IO, Any

from components.local.provider.child_process import PATIENCE
from components.local.provider.environment import environment
from components.local.provider.files import ROOT
from components.local.provider.resource_kind import Run
from function_code.errors import Refused

ERROR = "error: "


def outcome_of(arguments: Sequence[str], what: str, cut_off: str, run: Run, codes: Sequence[int] = (0,)) -> Any:
    """What a command prints, decoded. Raises Refused with its one line of error.

    `what` is what people call the command, `cut_off` what there is to say when it was; `codes` are no failures.
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
            raise Refused(f"{what} was interrupted; {cut_off}")
        if code not in codes:
            raise Refused(f"{what} failed: {said[-1].removeprefix(ERROR) if said else f'exit code {code}'}")
        out.seek(0)
        return json.loads(out.read().splitlines()[-1])


def columns(names: Sequence[str]) -> str:
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
                run.log(line)

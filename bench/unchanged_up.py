"""An update that changes nothing: `pulumi up` of the local stack as a ratio to one of an empty Pulumi program.

    tools/python -m bench.unchanged_up [--rounds 9] [--json]

Both run in a copy of this project, with a state of their own, in turn; the ratio is taken within each round, and the
median is shown. Exit code 1 if the limit is missed.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

from bench.table import show, verdict
from tests.support.project_copy import copy_project, environment

RATIO_LIMIT = 1.6  # times the empty program
EMPTY_PROJECT = "name: empty\nruntime:\n  name: python\n  options:\n    virtualenv: .venv\n"


class Projects:
    """A copy of this project, and an empty one beside it; `more` is for the environment of both."""

    def __init__(self, home: Path, more: Mapping[str, str] = MappingProxyType({})) -> None:
        self.copy, self.empty = copy_project(home / "copy"), home / "empty"
        self._environment = {**environment(home), **more}
        self.empty.mkdir()
        (self.empty / "Pulumi.yaml").write_text(EMPTY_PROJECT)
        (self.empty / "__main__.py").write_text('"""Nothing."""\n\nimport pulumi  # noqa: F401\n')
        (self.empty / ".venv").symlink_to(self.copy / ".venv")

    def pulumi(self, project: Path, *arguments: str) -> float:
        """Seconds that a command took. Raises SystemExit with what it printed if it fails."""
        command = [str(self.copy / "tools" / "pulumi"), "--cwd", str(project), *arguments]
        started = time.perf_counter()
        done = subprocess.run(command, env=self._environment, capture_output=True, text=True)
        if done.returncode:
            raise SystemExit(f"pulumi {arguments[0]} failed in {project.name}:\n{done.stdout}{done.stderr}")
        return time.perf_counter() - started

    def up(self, project: Path, *options: str) -> float:
        """Seconds of an update."""
        return self.pulumi(project, "up", "--yes", "--skip-preview", "--suppress-outputs", *options)


def measure(rounds: int) -> tuple[list[float], list[float]]:
    """Seconds of each no-change update of ours and of the empty program."""
    ours, empty = [], []
    with tempfile.TemporaryDirectory() as folder:
        projects = Projects(Path(folder).resolve())
        print("unchanged updates: bringing both stacks up", file=sys.stderr)
        for project in (projects.copy, projects.empty):
            projects.pulumi(project, "stack", "init", "bench")
        try:
            for project in (projects.copy, projects.empty):
                projects.up(project)
                projects.up(project, "--expect-no-changes")  # warms the caches
            print(f"unchanged updates: {rounds} rounds", file=sys.stderr)
            for _ in range(rounds):
                ours.append(projects.up(projects.copy, "--expect-no-changes"))
                empty.append(projects.up(projects.empty, "--expect-no-changes"))
        finally:
            projects.pulumi(projects.copy, "destroy", "--yes", "--skip-preview")
    return ours, empty


def compare(
    measure: Callable[[int], tuple[list[float], list[float]]],
    what: str,
    name: str,
    limit: float | None,
    about: str | None,
) -> int:
    """Measures what is done to our stack of that name, shows it, and says by the exit code whether the limit holds."""
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=9, help="how often each program is run (9)")
    parser.add_argument("--json", action="store_true", help="print numbers for a script")
    options = parser.parse_args()
    ours, empty = measure(options.rounds)
    ratio = statistics.median(mine / its for mine, its in zip(ours, empty, strict=True))
    programs = (("an empty program", empty, 1.0, None), (name, ours, ratio, limit))
    show(
        [
            {
                what: program,
                "seconds": round(statistics.median(seconds), 2),
                "ratio": round(its_ratio, 2),
                "limit": its_limit,
                "holds": verdict(its_ratio, its_limit),
            }
            for program, seconds, its_ratio, its_limit in programs
        ],
        options.json,
    )
    return 1 if verdict(ratio, limit) is False else 0


if __name__ == "__main__":
    sys.exit(compare(measure, "no-change up of", "the local stack", RATIO_LIMIT, __doc__))

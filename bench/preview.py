"""A preview of the AWS stack, all of it to be created, as a ratio to one of an empty Pulumi program.

    tools/python -m bench.preview [--rounds 9] [--json]

Over a cloud that is not there (tests/clouds), with the archives in their cache; in turn, the ratio is taken within each
round, and the median is shown. Exit code 1 if the limit is missed.
"""

import sys
import tempfile
from pathlib import Path

from bench.unchanged_up import Projects, compare
from tests.clouds import fake_cloud

LIMIT = 2.5  # times the empty program
STACK = "aws-dev"


def measure(rounds: int) -> tuple[list[float], list[float]]:
    """Seconds of each preview of ours and of the empty program."""
    ours, empty = [], []
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder).resolve()
        (home / "cloud").mkdir()
        with fake_cloud.serve(home / "cloud") as port:
            provider = {
                "PULUMI_DEBUG_PROVIDERS": f"aws:{port}",
                "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
            }
            projects = Projects(home, provider)
            print(f"previews: {rounds} rounds", file=sys.stderr)
            for project in (projects.copy, projects.empty):
                projects.pulumi(project, "stack", "init", STACK)
                projects.pulumi(project, "preview")  # makes the archives, if need be
            for _ in range(rounds):
                ours.append(projects.pulumi(projects.copy, "preview"))
                empty.append(projects.pulumi(projects.empty, "preview"))
    return ours, empty


if __name__ == "__main__":
    sys.exit(compare(measure, "preview of", "the AWS stack", LIMIT, __doc__))

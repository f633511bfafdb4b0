"""A preview of each cloud's stack, all of it to be created, as a ratio to one of an empty Pulumi program.

    tools/python -m bench.preview [--rounds 9] [--json]

Over a fake cloud (tests/support/fake_cloud), with the archives in their cache. Both are run in turn, the ratio is taken
within each round, and the median is shown. Exit code 1 if the limit is missed.
"""

import sys
import tempfile
from functools import partial
from pathlib import Path

from bench.unchanged_up import Projects, compare
from tests.support.fake_cloud.provider import serve

# Times the empty program. Azure's SDK has none: to import what the stack uses of it takes half a second longer.
RATIO_LIMITS = {"aws": 2.5, "gcp": 2.5, "azure": None}
PROVIDERS = {"aws": "aws", "gcp": "gcp", "azure": "azure-native"}


def measure(cloud: str, rounds: int) -> tuple[list[float], list[float]]:
    """Seconds of each preview of a cloud's stack and of the empty program."""
    ours, empty = [], []
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder).resolve()
        (home / "cloud").mkdir()
        with serve(home / "cloud") as port:
            provider = {
                "PULUMI_DEBUG_PROVIDERS": f"{PROVIDERS[cloud]}:{port}",
                "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
            }
            projects = Projects(home, provider)
            print(f"previews of {cloud}: {rounds} rounds", file=sys.stderr)
            for project in (projects.copy, projects.empty):
                projects.pulumi(project, "stack", "init", f"{cloud}-dev")
            if cloud == "gcp":
                projects.pulumi(projects.copy, "config", "set", "gcp:project", "my-project")
            for project in (projects.copy, projects.empty):
                projects.pulumi(project, "preview")  # makes the archives, if need be
            for _ in range(rounds):
                ours.append(projects.pulumi(projects.copy, "preview"))
                empty.append(projects.pulumi(projects.empty, "preview"))
    return ours, empty


if __name__ == "__main__":
    exit_codes = [
        compare(partial(measure, cloud), "preview of", f"the {cloud} stack", limit, __doc__)
        for cloud, limit in RATIO_LIMITS.items()
    ]
    sys.exit(max(exit_codes))

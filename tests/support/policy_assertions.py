"""The policy pack, and what it says of a program."""

import re
import shutil

from tests.support.cloud_project import CloudProject
from tests.support.paths import ROOT

PACK = ("--policy-pack", str(ROOT / "policy" / "run"))
PASSED = "✅ serverless-ml@v"


def runs(project: CloudProject, program: str) -> None:
    """Replace the project's program by one of its cloud's folder of tests."""
    shutil.copy(ROOT / "tests" / project.name / program, project.root / "__main__.py")


def told(printed: str) -> dict[str, set[str]]:
    """Which policies were violated, by resources of which names."""
    found: dict[str, set[str]] = {}
    for policy, name in re.findall(r"\[mandatory\]\s+(\S+)\s+\(\S+: (\S+)\)", printed):
        found.setdefault(policy, set()).add(name)
    return found


def keeps_to_all_policies(new: CloudProject, settled: CloudProject) -> None:
    """Before a stack is brought up, with unknown values, too, and in an update and a preview of one that may be up."""
    passes(new, "preview")
    for command in ("up --yes --skip-preview", "preview --expect-no-changes"):
        passes(settled, *command.split())


def passes(project: CloudProject, *command: str) -> None:
    """The pack has nothing to say against it, and could be asked."""
    done = project.pulumi(*command, *PACK)
    assert PASSED in done.stdout
    assert "can't run policy" not in done.stdout + done.stderr


def refused(project: CloudProject, *command: str) -> str:
    """What is printed where the pack refuses."""
    done = project.pulumi(*command, *PACK, code=None)
    assert done.returncode != 0
    return done.stdout


def tells_all(project: CloudProject, violations: dict[str, tuple[str, set[str]]]) -> None:
    """Of what was brought up: these policies, of these resources and no others, with these remedies."""
    project.up()
    printed = refused(project, "preview")
    assert told(printed) == {policy: names for policy, (_, names) in violations.items()}
    for remedy, _ in violations.values():
        assert remedy in printed

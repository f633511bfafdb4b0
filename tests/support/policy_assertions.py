"""The policy pack, and assertions on its report."""

import re
import shutil

from tests.support.cloud_project import CloudProject
from tests.support.paths import ROOT

PACK = ("--policy-pack", str(ROOT / "policy" / "run"))
PASSED = "✅ serverless-ml@v"


def use_program(project: CloudProject, program: str) -> None:
    """Replace the project's program by one of its cloud's folder of tests."""
    shutil.copy(ROOT / "tests" / project.name / program, project.root / "__main__.py")


def violations(printed: str) -> dict[str, set[str]]:
    """The violated policies in a report, each with the names of the resources."""
    names: dict[str, set[str]] = {}
    for policy, name in re.findall(r"\[mandatory\]\s+(\S+)\s+\(\S+: (\S+)\)", printed):
        names.setdefault(policy, set()).add(name)
    return names


def assert_compliant(new: CloudProject, settled: CloudProject) -> None:
    """Before a stack is brought up, with unknown values, too, and in an update and a preview of one that may be up."""
    assert_passes(new, "preview")
    for command in ("up --yes --skip-preview", "preview --expect-no-changes"):
        assert_passes(settled, *command.split())


def assert_passes(project: CloudProject, *command: str) -> None:
    """Asserts that the pack ran and found no violation."""
    done = project.pulumi(*command, *PACK)
    assert PASSED in done.stdout
    assert "can't run policy" not in done.stdout + done.stderr


def refusal(project: CloudProject, *command: str) -> str:
    """The report of a command that the pack refuses."""
    done = project.pulumi(*command, *PACK, code=None)
    assert done.returncode != 0
    return done.stdout


def assert_violations(project: CloudProject, expected: dict[str, tuple[str, set[str]]]) -> None:
    """Asserts that exactly these policies are violated, by these resources, with these remedies in the report."""
    project.up()
    printed = refusal(project, "preview")
    assert violations(printed) == {policy: names for policy, (_, names) in expected.items()}
    for remedy, _ in expected.values():
        assert remedy in printed

"""Each case is in one area, which make and GitHub run; and the areas take no longer than they may."""

import re
import subprocess
import sys

import pytest
import yaml

from tests.support.areas import AREA_OF_FOLDER, AREAS, CORE, area_of
from tests.support.durations import recorded_seconds, records
from tests.support.paths import ROOT

# For two workers, as on a machine of two cores.
MAX_CORE_SECONDS = 2 * 12 * 60
MAX_SECONDS = 2 * 35 * 60


def test_each_folder_of_tests_is_in_an_area() -> None:
    folders = {path.relative_to(ROOT / "tests").parts[0] for path in (ROOT / "tests").rglob("test_*.py")}
    assert folders == set(AREA_OF_FOLDER)


@pytest.mark.parametrize(
    ("path", "marks", "area"),
    [
        ("tests/unit/test_store.py", set(), CORE),
        ("tests/aws/test_stack.py", set(), "aws"),
        ("tests/aws/test_stack.py", {"smoke"}, CORE),
        ("tests/unit/test_store.py", {"slow"}, "slow"),
        ("tests/browser/test_form.py", {"parametrize"}, "slow"),
    ],
)
def test_a_mark_takes_a_case_into_another_area(path: str, marks: set[str], area: str) -> None:
    assert area_of(path, marks) == area


def test_a_folder_without_an_area_is_an_error() -> None:
    with pytest.raises(KeyError):
        area_of("tests/elsewhere/test_it.py", set())


def test_the_areas_are_all_cases_and_each_case_once() -> None:
    files = ("tests/docs/test_readme.py", "tests/local/test_lifecycle.py", "tests/local/test_ports.py")
    listed = {area: collected(*files, "--area", area) for area in (CORE, "local", "slow")}
    assert all(listed.values())
    assert sorted(case for cases in listed.values() for case in cases) == sorted(collected(*files))


def collected(*arguments: str) -> list[str]:
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode in (0, 5), done.stdout  # 5: none
    return [line for line in done.stdout.splitlines() if "::" in line]


def test_make_and_github_run_each_area() -> None:
    makefile = (ROOT / "Makefile").read_text()
    (targets,) = re.findall(r"^areas := (.*)$", makefile, re.MULTILINE)
    assert tuple(targets.split()) == AREAS
    workflow = yaml.safe_load((ROOT / ".github/workflows/test.yml").read_text())
    assert tuple(workflow["jobs"]["area"]["strategy"]["matrix"]["area"]) == AREAS
    assert set(workflow["jobs"]["test"]["needs"]) == set(workflow["jobs"]) - {"test"}


def test_the_record_of_durations_is_within_the_limits() -> None:
    seconds = {area: sum(float(row["seconds"]) for row in records() if row["area"] == area) for area in AREAS}
    assert min(seconds.values()) > 0  # each area was measured
    assert seconds[CORE] <= MAX_CORE_SECONDS
    assert sum(seconds.values()) <= MAX_SECONDS
    assert sum(recorded_seconds().values()) == pytest.approx(sum(seconds.values()))

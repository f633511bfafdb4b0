"""docs/clouds.md repeats what the page of each cloud adds up to."""

import re

import pytest

from tests.support.paths import ROOT

ROWS = {
    line.split("|")[1].strip(): [cell.strip() for cell in line.split("|")[2:-1]]
    for line in (ROOT / "docs/clouds.md").read_text(encoding="utf-8").splitlines()
    if line.startswith("| ")
}


@pytest.mark.parametrize(("column", "cloud"), [(1, "aws"), (2, "gcp"), (3, "azure")])
def test_what_it_costs_is_the_sum_of_the_clouds_own_page(column: int, cloud: str) -> None:
    page = (ROOT / f"docs/{cloud}.md").read_text(encoding="utf-8")
    idle, million, *_ = re.findall(r"\| \*\*together\*\* \| \*\*(.*?)\*\* \|", page)
    assert ROWS["idle, a month"][column] == idle
    assert ROWS["a million predictions, one at a time"][column] == million
    # What the function takes; before that a page may tell what a job from an image does.
    *_, training = re.findall(r"training of two minutes.*?= (\d\.\d+)", page, re.DOTALL)
    assert ROWS["a training of two minutes"][column] == training
    warm = re.search(r"^\| .*`provisioned_concurrency`.*\| ([\d.]+) \|$", page, re.MULTILINE)
    assert warm
    assert ROWS["an instance kept warm, a month"][column] == warm[1]

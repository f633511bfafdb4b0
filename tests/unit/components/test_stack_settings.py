"""The settings of a stack as the preview checks them: by the header that the training reads."""

from collections.abc import Iterator
from pathlib import Path

import pulumi
import pytest

from stacks.settings import read_settings
from tests.support.paths import ROOT


@pytest.fixture(autouse=True)
def configuration() -> Iterator[None]:
    yield
    pulumi.runtime.set_all_config({})


@pytest.mark.parametrize(
    "text",
    [
        "# bought,age,plan,note\nno,20,basic,x\nyes,30,pro,x\n",
        "user id,bought,,\nu1,no,4,5\nu2,no,5,6\n",
        "bought,,,\nno,1,2,3\nyes,2,3,4\n",
    ],
)
def test_a_header_is_recognised_by_the_target_and_ids(text: str, tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text(text)
    ids = "user id" if "user id" in text else ""
    texts = {
        "model": "m",
        "target": "bought",
        "id": ids,
        "budget": "1",
        "objective": "f1",
        "framework": "sklearn",
        "dataset": str(path),
    }
    pulumi.runtime.set_all_config({f"p:{key}": value for key, value in texts.items()})
    assert read_settings(pulumi.Config("p"), ROOT).training["target"] == "bought"

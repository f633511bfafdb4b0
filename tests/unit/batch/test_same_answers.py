"""A row of a file has the endpoint's own answer, whatever the model, the format and the way it is read."""

import csv
import io
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest
from arro3.core import Array, DataType, Table
from arro3.io import write_parquet
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from function_code.batch import csv_blocks
from function_code.data import parquet
from function_code.data.blocks import BLOCK_ROWS
from function_code.data.instances import read_instances
from function_code.errors import Refused
from function_code.registry import Registry
from function_code.serving.app import App
from function_code.serving.model_cache import ModelCache
from function_code.training.publish import publish
from function_code.training.run import fit
from tests.support import factories
from tests.support.batch_folders import Folder, scored
from tests.support.client import predict
from tests.support.estimator_training import OURS
from tests.support.tables import MIXED, briefly, csv_bytes, mixed, mixed_csv, rows

MODELS = ["", "histogram", "forest", "network"]


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
@pytest.mark.parametrize("estimator", MODELS, ids=lambda estimator: estimator or "linear")
def test_as_the_endpoint_answers(registry: Registry, estimator: str, task: str) -> None:
    named = f"{OURS}:{estimator}" if estimator else ""
    version = fit(mixed_csv(task), "t.csv", briefly("target", estimator=named), lambda line: None)
    registry.promote(publish(version, registry).version)
    data = csv_bytes(MIXED[:-1], [row[:-1] for row in rows(BLOCK_ROWS + 300, mixed(task), seed=2)])
    folder = scored(registry, data)
    assert folder.rejects == []

    models = ModelCache(registry)
    models.refresh()
    app = App(models, "model")
    instances = read_instances(data, "some.csv", version.schema)
    alone = [predict(app, [instance]).content["predictions"][0] for instance in instances[:100]]
    parts = [instances[first : first + 1_000] for first in range(0, len(instances), 1_000)]
    together = [prediction for part in parts for prediction in predict(app, part).content["predictions"]]
    assert _answers(folder)[:100] == alone
    assert _answers(folder) == together


def _answers(folder: Folder) -> list[dict[str, Any]]:
    """The rows of a folder as the endpoint would say it."""
    if "value" in folder.header:
        return [{"value": float(row["value"])} for row in folder.scores]
    classes = [name.removeprefix("probability_") for name in folder.header if name.startswith("probability_")]
    return [
        {"label": row["label"], "probabilities": {name: float(row[f"probability_{name}"]) for name in classes}}
        for row in folder.scores
    ]


CELLS = st.one_of(
    st.sampled_from(["", "NA", "nan", "-", "inf", "-Infinity", "1e400", "0x1A", "1_0", "1,5", " 7 ", "True", "false",
                     "TRUE", "y", "no", "basic", "pro ", "2025-01-31", "2025-01-31T12:00:00Z", '"', 'a"b', "١"]),
    st.floats().map(repr),
    st.integers(-(10**25), 10**25).map(str),
    st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=8),
)  # fmt: skip
LINES = st.lists(st.lists(CELLS, min_size=5, max_size=5) | st.lists(CELLS, max_size=7), max_size=12)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(lines=[["7", "10", "basic", "", "2025-01-31", ""]], delimiter=",", size=8_192)
@given(lines=LINES, delimiter=st.sampled_from(",;\t"), size=st.sampled_from([1, 2, 5, 8_192]))
def test_the_fast_way_reads_what_the_careful_one_does(
    registry: Registry, lines: list[list[str]], delimiter: str, size: int
) -> None:
    if registry.pointer() is None:
        registry.promote(factories.publish(registry, factories.BINARY))
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter).writerows([["user_id", "age", "plan", "new", "since"], *lines])
    data = text.getvalue().encode()
    with patch.object(csv_blocks, "BLOCK_ROWS", size):
        fast = scored(registry, data)
        with patch.object(csv_blocks.CsvBlocks, "_frames", lambda self: iter([])):
            careful = scored(registry, data)
    assert fast.scores == careful.scores
    assert fast.reasons() == careful.reasons()


@pytest.mark.parametrize("size", [1, 3, BLOCK_ROWS])
def test_parquet_gives_what_csv_gives(registry: Registry, monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    monkeypatch.setattr(parquet, "BLOCK_ROWS", size)
    registry.promote(factories.publish(registry, factories.BINARY))
    ages = [10.0, float("nan"), -20.5, 3.0]
    days = np.array(
        [np.datetime64("2025-01-31T12:00:00"), np.datetime64("NaT"), *["2024-02-29T00:00:00"] * 2], "datetime64[us]"
    )
    table = Table.from_pydict(
        {
            "user_id": Array.from_numpy(np.arange(4)),
            "age": Array.from_numpy(np.array(ages)),
            "plan": Array(["basic", None, "pro", " pro "], DataType.utf8()),
            "new": Array([True, None, False, True], DataType.bool()),
            "since": Array.from_numpy(days),
        }
    )
    file = io.BytesIO()
    write_parquet(table, file)
    folder = scored(registry, file.getvalue(), "some.parquet")
    assert folder.reasons() == {2: "age: a value is wanted: it was never missing in training"}
    text = (
        "user_id,age,plan,new,since\n"
        "0,10,basic,true,2025-01-31T12:00:00\n1,,,,\n2,-20.5,pro,no,2024-02-29\n3,3,pro,yes,2024-02-29\n"
    )
    same = scored(registry, text.encode())
    assert folder.scores == same.scores
    assert folder.reasons() == same.reasons()


@pytest.mark.parametrize("data", [b"", b"PAR1", b"PAR1" + b"\0" * 200 + b"PAR1"])
def test_what_is_no_parquet_file(registry: Registry, data: bytes) -> None:
    registry.promote(factories.publish(registry, factories.BINARY))
    with pytest.raises(Refused, match=r"some.parquet (is empty|cannot be read as Parquet)"):
        scored(registry, data, "some.parquet")
    assert registry.store.list("results") == []

"""A training whose libraries are an object in the store, in AWS's runtime client: what the function's archive has."""

import json
import stat
from io import BytesIO
from pathlib import Path

from arro3.core import Array, DataType, Table
from arro3.io import write_parquet
from backports import zstd

from function_code.entrypoints.aws.libraries import PREFIX
from function_code.registry import Registry
from tests.support.aws import archives, events
from tests.support.aws.runtime import TRAIN, Start
from tests.support.aws.training import outcome
from tests.support.customers import KEY, SETTINGS, table
from tests.support.score_checks import FILE

DATASET = f"{KEY}.zst"
PARQUET = FILE.replace(".csv", ".parquet")


def test_they_are_unpacked_once_for_trainings_and_scorings(
    start: Start, registry: Registry, training_code_package: Path, tmp_path: Path
) -> None:
    archive, temporary = archives.training_libraries(), tmp_path / "function-0/tmp"
    key, data = f"code/{archive.object_name}", Path(archive.path).read_bytes()
    assert not (training_code_package / "pandas").exists()
    registry.store.put(DATASET, zstd.compress(table()))
    trainer = start(TRAIN, TRAINING=json.dumps(SETTINGS), LIBRARIES=key)
    assert outcome(trainer, events.arrived("datasets/other/b.csv"))["outcome"] == "ignored"
    assert trainer.events("libraries") == []  # nothing to do, nothing to wait for

    missing = outcome(trainer, events.arrived(DATASET), "error")
    assert missing["outcome"] == "failed"
    assert "are not there: `pulumi up --refresh`" in missing["reasons"][0]
    registry.store.put(key, data[:-1] + b"?")
    changed = outcome(trainer, events.arrived(DATASET), "error")
    assert "are not those that were deployed" in changed["reasons"][0]
    assert list(temporary.glob(f"{PREFIX}*")) == []

    registry.store.put(key, data)
    line = outcome(trainer, events.arrived(DATASET))
    assert (line["outcome"], line["reasons"]) == ("promoted", [])
    (unpacked,) = trainer.events("libraries")
    assert unpacked["bytes"] == len(data)
    (folder,) = temporary.glob(f"{PREFIX}*")
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700

    customers = Table.from_pydict(
        {
            "customer": Array(["n-1"], DataType.utf8()),
            "visits": Array([9.0], DataType.float64()),
            "plan": Array(["pro"], DataType.utf8()),
        }
    )
    file = BytesIO()
    write_parquet(customers, file)
    registry.store.put(PARQUET, file.getvalue())
    assert outcome(trainer, events.arrived(PARQUET), event_name="scoring")["rows"] == 1
    assert len(trainer.events("libraries")) == 1
    assert not list(folder.rglob("*.pyc"))

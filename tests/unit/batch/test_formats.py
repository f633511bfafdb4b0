"""A table is learned from, and scored, in the same way in each format."""

from typing import Any

import pytest

from function_code.registry import Registry
from function_code.training.publish import TrainedVersion, publish
from function_code.training.run import fit
from tests.support.batch_folders import scored
from tests.support.dialects import FORMATS, PLAIN, written
from tests.support.tables import briefly


def trained(**dialect: Any) -> TrainedVersion:
    return fit(written({**PLAIN, **dialect}), "t", briefly("target", drop=("city",)), lambda line: None)


@pytest.fixture(scope="module")
def of_csv() -> TrainedVersion:
    return trained()


@pytest.mark.parametrize("kind", FORMATS)
def test_the_model_is_the_one_of_the_csv_file(kind: str, of_csv: TrainedVersion) -> None:
    version = trained(format=kind)
    assert version.manifest["schema"] == of_csv.manifest["schema"]
    warnings, of_file = (
        [warning for warning in each.manifest["warnings"] if "BUDGET" not in warning] for each in (of_csv, version)
    )
    assert of_file == warnings


@pytest.mark.parametrize("typed", [True, False])
@pytest.mark.parametrize("kind", FORMATS)
def test_scores_are_those_of_the_csv_file(registry: Registry, of_csv: TrainedVersion, kind: str, typed: bool) -> None:
    registry.promote(publish(of_csv, registry).version)
    folder, of_file = (scored(registry, written({**PLAIN, **more})) for more in ({}, {"format": kind, "typed": typed}))
    assert of_file.scores == folder.scores
    assert of_file.rejects == folder.rejects == []


@pytest.mark.parametrize("kind", FORMATS)
def test_typed_values_are_scored_by_a_model_of_texts_in_forms(registry: Registry, kind: str) -> None:
    forms = {"amount": "1.234,50", "date": "%d.%m.%Y", "boolean": ("ja", "nein"), "delimiter": ";"}
    registry.promote(publish(trained(**forms), registry).version)
    folder, of_file = (scored(registry, written({**PLAIN, **more})) for more in (forms, {"format": kind}))
    assert of_file.scores == folder.scores
    assert of_file.rejects == folder.rejects == []

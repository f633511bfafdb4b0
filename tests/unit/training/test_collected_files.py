"""Messy files that were collected beside the project: each becomes the right model by its settings alone.

The project has generators of files of the same kinds (`test_messy_columns.py` and its siblings); these are the files.
"""

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from function_code.data.formats import read_header
from function_code.errors import Refused
from function_code.registry import Registry
from function_code.training.publish import publish
from function_code.training.run import fit
from function_code.training.settings import Settings
from tests.support.batch_folders import scored
from tests.support.paths import ROOT

BUDGET_SECONDS = 3.0
TARGETS = dict.fromkeys(  # of the files whose last column it is not, or which have no header to read
    (
        "15-huge-cell.csv",
        "20-stray-quotes.csv",
        "27-trailing-delim.csv",
        "27b-trailing-delim-header.csv",
        "27c-index.csv",
    ),
    "buys",
)


@dataclass(frozen=True)
class Expected:
    """A file's features with their kinds, the least figure on held-out rows, and parts of warnings.

    `classes` are those of the target, () for a regression.
    """

    kinds: dict[str, str]
    least: dict[str, float] = field(default_factory=dict)
    says: tuple[str, ...] = ()
    classes: tuple[Any, ...] = ("no", "yes")
    settings: dict[str, Any] = field(default_factory=dict)


AUC = {"roc_auc": 0.93}  # of 120 rows: 0.977 give or take what chance holds out
INCOME = {"income": "number", "age": "number", "region": "category"}
SIGNUP = {"signup": "date", "age": "number"}
SPEND = {"spend": "number", "age": "number"}
EXPECTED: dict[str, Expected] = {
    "01-currency.csv": Expected(INCOME, AUC),
    "01b-currency-coarse.csv": Expected(INCOME, AUC),
    "02-percent.csv": Expected({"utilisation": "number", "age": "number"}),
    "03-currency-target.csv": Expected({"age": "number", "region": "category"}, {"r2": 0.95}, classes=()),
    "03b-currency-target-fine.csv": Expected({"age": "number", "region": "category"}, {"r2": 0.95}, classes=()),
    "04-units.csv": Expected({"engine": "number", "age": "number"}, AUC),
    "05-questionmark.csv": Expected(INCOME, AUC, ("'?'",)),
    "05b-questionmark-int.csv": Expected(INCOME, AUC, ("'?'",)),
    "06-one-stray.csv": Expected(INCOME, AUC, ("in 1 of 600 rows it is none, and missing: 'n.v.t.' (row 418)",)),
    "07-decimal-comma-na.csv": Expected(INCOME, AUC),
    "07b-eu-thousands.csv": Expected(INCOME, AUC),
    "07c-eu-int-thousands.csv": Expected(INCOME, AUC, ("is read so that '1.334' is 1334",)),
    "08-control-iso.csv": Expected(SIGNUP, {"roc_auc": 0.92}),
    "08-dmy.csv": Expected(SIGNUP, {"roc_auc": 0.92}),
    "08c-slash-iso.csv": Expected(SIGNUP, {"roc_auc": 0.92}),
    "08d-dmy-weekly.csv": Expected(SIGNUP, settings={"time": "signup"}),
    "08e-zero-date.csv": Expected(SIGNUP, {"roc_auc": 0.92}, ("'0000-00-00' (row 101)",)),
    "09-snowflake-target.csv": Expected(
        {"age": "number", "region": "category"},
        classes=("1099511627776123457", "1099511627776123460", "1099511627776123463", "1099511627776123466"),
        settings={"task": "multiclass"},
    ),
    "09b-snowflake-target.csv": Expected(
        {"age": "number"},
        classes=("1099511627776123457", "1099511627776987655", "1099511627778123459", "1099511627779555551"),
        settings={"owned": "owns"},
    ),
    "10c-letters-target.csv": Expected(SPEND, classes=("F", "N", "T", "Y")),
    "11-positive-class.csv": Expected(
        SPEND,
        says=("the positive class of 'status' is 'Attrited', the rarer one",),
        classes=("Attrited", "Existing"),
        settings={"objective": "f1"},
    ),
    "12-control-hour-column.csv": Expected(
        {"when": "date", "hour": "number", "temp": "number"}, {"r2": 0.95}, classes=(), settings={"budget": 15.0}
    ),
    "12-hour.csv": Expected({"when": "date", "temp": "number"}, {"r2": 0.95}, classes=(), settings={"budget": 15.0}),
    "13-duplicates.csv": Expected(
        {"x1": "number", "x2": "number"}, says=("83% of the rows are repetitions",), classes=("a", "b")
    ),
    "14-header-commas.csv": Expected({"Revenue, net, EUR": "number", "Age, years": "number"}, AUC),
    "15-huge-cell.csv": Expected({**SPEND, "note": "category", "flag": "category"}),
    "16-minus1.csv": Expected(SPEND, AUC, classes=(-1, 1)),
    "17-none-class.csv": Expected(SPEND, classes=("Mild", "None", "Severe")),
    "18-namibia.csv": Expected({"country": "category", "age": "number"}),
    "19-zip.csv": Expected({"zip": "category", "age": "number"}),
    "21-mixed-bool.csv": Expected({"member": "boolean", "age": "number"}),
    "22-accounting.csv": Expected({"net": "number", "age": "number"}, AUC),
    "23-table.csv.gz": Expected({"country": "category", "age": "number"}),
    "24-latin1.csv": Expected({"stadt": "category", "age": "number"}, says=("is read as cp1252",)),
    "24b-sjis.csv": Expected({"県": "category", "age": "number"}, says=("is read as cp932",)),
    "25-utf16le-nobom.csv": Expected({"stadt": "category", "age": "number"}),
    "27b-trailing-delim-header.csv": Expected(SPEND, says=("column 'unnamed column 4' is not used",)),
    "27c-index.csv": Expected(SPEND, says=("column 'unnamed column 1' is not used",)),
    "28-nul.csv": Expected({**SPEND, "region": "category"}),
    "30-store-floats.csv": Expected({"store": "category", "age": "number"}, settings={"kinds": {"store": "category"}}),
    "31-ids.csv": Expected(SPEND, settings={"id": ("row", "customer")}),
    "32-time-one-class.csv": Expected(
        {"day": "date", **SPEND},
        says=("only 229 rows of 'yes' were learned from and 0 held out",),
        settings={"time": "day"},
    ),
    "33-name-collision.csv": Expected({"day": "date", "day (month)": "number", "spend": "number"}, {"roc_auc": 0.9}),
    "34-excel-formula.csv": Expected({"code": "category", "spend": "number"}),
    "35-second-header.csv": Expected(SPEND, says=("'Age in full years' (row 1)",)),
    "36-row-number.csv": Expected({"rownum": "number", "age": "number"}, says=("rownum",)),
    "38-range-number.csv": Expected({"tenure": "number", "age": "number"}),
    "39-v1.csv": Expected(SPEND),
    "39-v2.csv": Expected(SPEND),
    "39-v3-cents.csv": Expected(SPEND),
    "42-target-yesno-na.csv": Expected(SPEND, says=("rows without a 'buys' were left out: 67 of 600",)),
    "43-flag-present.csv": Expected({"coupon": "category", "age": "number"}),
    "46-offsets.csv": Expected({"at": "date", "age": "number"}),
}
REFUSED = {
    "20-stray-quotes.csv": "line 51 opens a quote that is closed in line 91",
    "27-trailing-delim.csv": "more fields in its first rows than the header has names",
}
TO_SCORE = "30-store-ints-to-score.csv"

pytestmark = pytest.mark.slow


@pytest.fixture(scope="session")
def files() -> Path:
    """The folder of the files, kept beside a checkout but not in it; MESSY_TABLES names another folder."""
    folder = Path(os.environ.get("MESSY_TABLES", ROOT.parent / "shared" / "cases" / "tables"))
    if not folder.is_dir():
        pytest.skip(f"the collected files are not in {folder}")
    return folder


def settings_of(file: Path) -> Settings:
    """The settings of a file, whose target is mostly the last column."""
    expected = EXPECTED.get(file.name)
    target = TARGETS.get(file.name) or read_header(file)[-1]
    return Settings(target, **{"budget": BUDGET_SECONDS, **(expected.settings if expected else {})})


def quiet(line: str) -> None:
    """Says nothing."""


@pytest.mark.parametrize("name", EXPECTED)
def test_the_right_model(files: Path, name: str) -> None:
    expected = EXPECTED[name]
    data = (files / name).read_bytes()
    manifest = fit(data, name, settings_of(files / name), quiet).manifest
    schema = manifest["schema"]
    assert {feature["name"]: feature["kind"] for feature in schema["features"]} == expected.kinds
    assert tuple(schema["classes"]) == expected.classes
    for metric, least in expected.least.items():
        assert manifest["metrics"][metric] >= least
    for part in expected.says:
        assert any(part in warning for warning in manifest["warnings"]), manifest["warnings"]


@pytest.mark.parametrize("name", REFUSED)
def test_a_true_line(files: Path, name: str) -> None:
    with pytest.raises(Refused, match=REFUSED[name]):
        fit((files / name).read_bytes(), name, settings_of(files / name), quiet)


def test_every_file_is_expected(files: Path) -> None:
    tables = {path.name for path in files.iterdir() if path.suffix != ".md"}
    assert tables == {*EXPECTED, *REFUSED, TO_SCORE}


def test_whole_numbers_are_the_categories_that_a_column_with_gaps_had(files: Path, registry: Registry) -> None:
    name = "30-store-floats.csv"
    registry.promote(
        publish(fit((files / name).read_bytes(), name, settings_of(files / name), quiet), registry).version
    )
    summary = scored(registry, (files / TO_SCORE).read_bytes()).summary
    assert (summary["scored"], summary["rejected"], summary["unseen"]) == (600, 0, {})

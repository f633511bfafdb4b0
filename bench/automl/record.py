"""The record of a run, and the table in docs/benchmarks.md that is made of it."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from statistics import mean

from bench.automl.measure import Row
from bench.automl.tables import ROOT

RECORD = Path(__file__).with_name("record.csv")
PAGE = ROOT / "docs" / "benchmarks.md"
BEGIN, END = "<!-- bench.automl begins -->\n", "<!-- bench.automl ends -->\n"
HEADER = (
    "table", "framework", "log loss", "AUC or RMSE", "seconds", "MB of model", "MB shipped", "us a row",
    "cold start, ms",
)  # fmt: skip
MB = 1e6


def write(rows: list[Row]) -> None:
    """Writes the record and the table in the page, each as a whole."""
    for path, text in ((RECORD, _csv(rows)), (PAGE, _page(rendered(rows)))):
        new = path.with_suffix(".new")
        new.write_text(text, encoding="utf-8")
        new.replace(path)


def rendered(rows: list[Row]) -> str:
    """A Markdown table with a line for each framework on each table, in the mean of the rounds."""
    pairs = dict.fromkeys((row["table"], row["framework"]) for row in rows)
    lines = [HEADER, ["---"] * len(HEADER)]
    lines += [_line([row for row in rows if (row["table"], row["framework"]) == pair]) for pair in pairs]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _line(rounds: list[Row]) -> list[str]:
    def average(name: str) -> float:
        return float(mean(row[name] for row in rounds))

    first = rounds[0]
    has_classes = first["rmse"] is None
    return [
        f"{first['table']} ({first['rows']:,} x {first['features']})",
        first["framework"],
        f"{average('log_loss'):.4f}" if has_classes else "",
        f"{average('roc_auc'):.4f}" if has_classes else _digits(average("rmse")),
        f"{average('seconds'):.0f}",
        f"{average('model_bytes') / MB:.2f}",
        f"{average('shipped_bytes') / MB:,.0f}",
        f"{average('microseconds_per_row'):,.1f}",
        f"{average('cold_start_ms'):,.0f}",
    ]


def _digits(value: float) -> str:
    """A number with four digits or more, none of them behind an e."""
    return f"{value:,.0f}" if value >= 1000 else f"{value:.4g}"


def _csv(rows: list[Row]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def _page(table: str) -> str:
    text = PAGE.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not end:
        raise SystemExit(f"{PAGE} lacks the lines {BEGIN.strip()} and {END.strip()}")
    return f"{before}{BEGIN}{table}{END}{after}"

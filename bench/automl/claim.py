"""The claim: with the same rows and seconds, ours predicts no worse than the better of FLAML and AutoGluon.

In the mean over the tables it is not behind, and on no table by more than MAX_AUC_BEHIND or MAX_RMSE_BEHIND. The better
one is chosen for each table anew, by what it reaches on the rows held out. Means are taken of ROC-AUC over the tables
with classes, and of the ratio of RMSE over the others; both must hold.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from statistics import mean

from bench.automl.contenders import OURS
from bench.automl.measure import Row

RIVALS = ("FLAML", "AutoGluon")
MAX_AUC_BEHIND, MAX_RMSE_BEHIND = 0.004, 0.02  # a difference, and a share of the better one's
UNITS = {"roc_auc": "AUC", "rmse": "of RMSE"}


def verdicts(rows: Iterable[Row]) -> list[tuple[str, bool]]:
    """A line for each table and each mean, and whether the claim holds there."""
    by_table: dict[str, dict[str, list[Row]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        by_table[row["table"]][row["framework"]].append(row)
    lines, leads = [], defaultdict(list)
    for table, of_table in by_table.items():
        metric, lead, rival = _lead(of_table)
        leads[metric].append(lead)
        limit = MAX_AUC_BEHIND if metric == "roc_auc" else MAX_RMSE_BEHIND
        lines.append((f"{table}: {_text(metric, lead)} {rival}, at most {limit:g} behind", lead >= -limit))
    for metric, of_metric in leads.items():
        lead = mean(of_metric)
        lines.append((f"mean of {len(of_metric)} tables: {_text(metric, lead)} the better of both", lead >= 0))
    return lines


def _lead(of_table: dict[str, list[Row]]) -> tuple[str, float, str]:
    """The metric, how far ours is ahead of the better of its rivals in the mean of the rounds, and that one's name."""
    metric = "rmse" if of_table[OURS][0]["roc_auc"] is None else "roc_auc"
    means = {name: mean(row[metric] for row in of_table[name]) for name in (OURS, *RIVALS)}
    if metric == "roc_auc":
        rival = max(RIVALS, key=means.__getitem__)
        return metric, means[OURS] - means[rival], rival
    rival = min(RIVALS, key=means.__getitem__)
    return metric, 1 - means[OURS] / means[rival], rival


def _text(metric: str, lead: float) -> str:
    amount = f"{abs(lead):.4f}" if metric == "roc_auc" else f"{abs(lead):.2%}"
    return f"{amount} {UNITS[metric]} {'ahead of' if lead >= 0 else 'behind'}"

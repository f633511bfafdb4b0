"""The report of a recommender: what its page says, whatever items are called."""

import re
from html import unescape

import pytest

from function_code.registry import Registry
from function_code.training.run import train
from function_code.training.settings import Settings
from tests.support.orders import HEADER, orders
from tests.support.tables import csv_bytes

HOSTILE = ["<script>alert(1)</script>", "<img src=x onerror=alert(2)>", "{{ 7 * 7 }}", "'; tea & cup", "</td>"]
ITEM = "product <b>&"


@pytest.fixture
def report(registry: Registry) -> str:
    rows = [[user, _name(str(item)), day, amount] for user, item, day, amount in orders()]
    rows[0][3] = -1
    header = [HEADER[0], ITEM, *HEADER[2:]]
    settings = Settings(user="customer", item=ITEM, when="date", amount="quantity", budget=0.5)
    outcome = train(csv_bytes(header, rows), "orders.csv", settings, registry, lambda line: None)
    assert outcome.promoted
    return registry.artifact(outcome.version, "report.html", outcome.manifest).decode()


def _name(item: str) -> str:
    number = int(item[1:])
    return HOSTILE[number] if number < len(HOSTILE) else item


def test_names_are_text(report: str) -> None:
    for name in (*HOSTILE[:2], HOSTILE[4], ITEM):
        assert name not in re.sub(r"</td>\n|</td>(?=<t|</tr>)", "", report)
    assert "<script" not in report
    for name in (*HOSTILE, ITEM):
        assert name in unescape(report)


def test_what_it_says(report: str) -> None:
    text = " ".join(unescape(re.sub("<[^>]+>", " ", report)).split())
    assert re.search(r"one of 40 items\. Of \d+ users whose last step is later than 2025-\d\d-\d\d, \d\d", text)
    assert re.search(r"\(95 % interval [\d.]+ % to [\d.]+ %\) took one of its first 5 recommendations next", text)
    assert "Events whose 'quantity' is 0 or less, such as returns, are left out: 1 of" in text
    (row,) = re.findall(r"NDCG at 5 ([\d.]+) ([\d.]+) to ([\d.]+) ([\d.]+) ([\d.]+) to ([\d.]+)", text)
    own, low, high, popular, least, most = map(float, row)
    assert low < own < high
    assert least < own - popular < most
    assert re.search(r"coverage at 5 [\d.]+ – [\d.]+ –", text)
    examples = report.split('id="examples"')[-1].split("</table>")[0]
    assert 1 <= examples.count("<tr>") - 1 <= 8
    assert "<strong>" in examples
    assert "New users, without a history, get what is popular: " in text
    assert "✓ chosen" in text

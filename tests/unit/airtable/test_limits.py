"""Limits that Airtable sets are kept before it refuses; and a refusal is explained in one line."""

import time
from collections.abc import Callable
from dataclasses import replace

import pytest

from function_code.airtable.settings import AirtableSettings
from function_code.airtable.sync import pull
from function_code.errors import Refused, Unreachable
from function_code.registry import Registry
from tests.support.airtable.base import Table, make_field
from tests.support.airtable.customers import TRAINING
from tests.support.airtable.server import BASE, FakeAirtable


def test_the_pace_is_one_that_airtable_answers(
    registry: Registry, server: FakeAirtable, airtable: AirtableSettings, lines: list[str]
) -> None:
    server.rate = 2
    started = time.monotonic()
    assert pull(registry, TRAINING, replace(airtable, rate=2.0), lines.append).requests == 4
    assert time.monotonic() - started >= 1
    assert not [line for line in lines if "too many" in line]


def test_the_pace_is_one_for_all_that_asks_a_base(
    registry: Registry, server: FakeAirtable, airtable: AirtableSettings, lines: list[str]
) -> None:
    server.rate = 5
    for _ in range(2):
        pull(registry, TRAINING, replace(airtable, rate=5.0), lines.append)
    assert len(server.requests) == 8
    assert not [line for line in lines if "too many" in line]


def test_a_listing_that_is_too_long_for_a_url_is_asked_for_again(
    registry: Registry, server: FakeAirtable, table: Table, airtable: AirtableSettings, lines: list[str]
) -> None:
    table.fields += [make_field(f"{number} {'long ' * 60}", "number", precision=0) for number in range(60)]
    server.failures = {2: "lose", 3: 503}
    assert pull(registry, TRAINING, airtable, lines.append).read.records == 240
    assert {path.rpartition("/")[2] for method, path, _ in server.requests if method == "POST"} == {"listRecords"}


def test_after_429_nothing_is_asked_for_a_while(
    registry: Registry, server: FakeAirtable, airtable: AirtableSettings, lines: list[str]
) -> None:
    """Another client has asked for all that there is in this second; who does not wait is refused again and again."""
    server.rate, server.pause = 2, 1.2
    assert pull(registry, TRAINING, replace(airtable, pause=1.25), lines.append).read.records == 240
    assert "Airtable has had too many requests for this base; going on in 1.25 s" in lines
    answered = len(server.requests)
    assert answered <= 6


def test_a_pause_that_would_last_too_long_is_not_waited_for(
    registry: Registry, server: FakeAirtable, airtable: AirtableSettings, lines: list[str]
) -> None:
    server.rate = 0
    started = time.monotonic()
    with pytest.raises(Unreachable, match="the time for talking to Airtable is over"):
        pull(registry, TRAINING, replace(airtable, pause=30.0), lines.append, lambda: 20.0)
    assert time.monotonic() - started < 2


def test_others_who_never_stop_are_not_waited_for_forever(
    registry: Registry, server: FakeAirtable, airtable: AirtableSettings, lines: list[str]
) -> None:
    server.rate = 0
    with pytest.raises(
        Unreachable, match=rf"base {BASE}: others ask for more than the base answers, 5 requests a second"
    ):
        pull(registry, TRAINING, replace(airtable, pause=0.01), lines.append)
    assert len(server.requests) == 6


def no_token(server: FakeAirtable, table: Table) -> None:
    server.tokens = ()


def no_scope(scope: str) -> Callable[[FakeAirtable, Table], None]:
    return lambda server, table: server.scopes.remove(scope)


def no_quota(server: FakeAirtable, table: Table) -> None:
    server.quota = 2


def lost_list(server: FakeAirtable, table: Table) -> None:
    server.hook = lambda number: server.lists.clear()


def renamed_between(server: FakeAirtable, table: Table) -> None:
    def rename(number: int) -> None:
        table.find("Spend")["name"] = "Money" if number == 2 else "Spend"

    server.hook = rename


@pytest.mark.parametrize(
    ("happens", "error", "words"),
    [
        (no_token, Refused, f"base {BASE}: Airtable does not know the token; make another at https://airtable.com/"),
        (no_scope("schema.bases:read"), Refused, f"base {BASE}: the token may not do this: .* schema.bases:read and"),
        (no_scope("data.records:read"), Refused, r"table '\w+': the token may not do this: .* data.records:read and"),
        (no_quota, Refused, "the workspace has used up its API calls of this month; wait for the next one"),
        (lost_list, Unreachable, "Airtable fails .422 LIST_RECORDS_ITERATOR_NOT_AVAILABLE.; try again"),
        (renamed_between, Refused, 'Unknown field name: "Spend": it was renamed or deleted'),
    ],
)
def test_a_refusal_says_where_and_what_to_do(
    registry: Registry,
    server: FakeAirtable,
    table: Table,
    airtable: AirtableSettings,
    lines: list[str],
    happens: Callable[[FakeAirtable, Table], None],
    error: type[Refused],
    words: str,
) -> None:
    happens(server, table)
    with pytest.raises(error, match=words) as refused:
        pull(registry, TRAINING, airtable, lines.append)
    assert type(refused.value) is error
    assert "\n" not in str(refused.value)
    assert not registry.store.list("")


def test_nobody_there_is_said_without_the_token(
    registry: Registry, airtable: AirtableSettings, lines: list[str]
) -> None:
    nowhere = replace(airtable, url="http://127.0.0.1:9", pause=0.01)
    with pytest.raises(Unreachable, match=rf"base {BASE}: http://127.0.0.1:9 does not answer \(ConnectionError\)"):
        pull(registry, TRAINING, nowhere, lines.append)

"""docs/airtable.md tells of every setting, with its default, of every scope, and of no message that there is not."""

import re
from dataclasses import MISSING, fields

from function_code.airtable import api_errors
from function_code.airtable.settings import AirtableSettings
from tests.support.paths import ROOT

PAGE = (ROOT / "docs/airtable.md").read_text(encoding="utf-8")
OTHER_SOURCES = (
    "function_code/column.py",
    "function_code/column_converters.py",
    "function_code/request_checks.py",
    "stacks/settings.py",
    "tools/up.py",
)
SOURCES = [*(ROOT / "function_code/airtable").glob("*.py"), *(ROOT / name for name in OTHER_SOURCES)]
PLACEHOLDER = re.compile(r"\{[^{}]*(\{[^{}]*\}[^{}]*)*\}")  # what a message is filled with

SETTING_NAME = re.compile(r"airtable\.[\w.]+")


def test_every_setting_is_there_with_its_default() -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \| .* \| ([^|]*) \|$", PAGE, re.MULTILINE))
    settings = {field.name: field.default for field in fields(AirtableSettings) if field.name != "token"}
    assert set(rows) == set(settings)
    for name, default in settings.items():
        if default not in (MISSING, "", ()):
            assert rows[name] == f"`{str(default).lower() if isinstance(default, bool) else default}`"


def test_every_scope_is_there() -> None:
    for scope in (api_errors.READ_SCOPE, api_errors.WRITE_SCOPE, api_errors.SCHEMA_SCOPE, api_errors.CREATE_SCOPE):
        assert f"`{scope}`" in PAGE


def test_each_message_is_one_that_there_is() -> None:
    """A message stands there with dots for what differs; each of its parts is in what the code can say."""
    messages_in_code = " ".join(re.sub(r'"\s+f?"', "", path.read_text(encoding="utf-8")) for path in SOURCES)
    messages_in_code = SETTING_NAME.sub("...", PLACEHOLDER.sub("...", messages_in_code))
    table = PAGE[PAGE.index("## Messages") :]
    messages = [
        message for row in re.findall(r"^\| (`.*?) \|", table, re.MULTILINE) for message in row.split("`")[1::2]
    ]
    assert len(messages) > 15
    for message in messages:
        plain = re.sub(r"\d+ s$|'\w+'|\b[A-Z]+\b|\(503 ", "...", SETTING_NAME.sub("...", message))
        for part in filter(None, (part.strip(" ;():") for part in plain.split("..."))):
            assert part in messages_in_code, (message, part)

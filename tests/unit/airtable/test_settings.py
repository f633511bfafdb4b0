"""Settings that can be configured, and those that can't."""

from typing import Any

import pytest

from function_code.airtable.settings import AirtableSettings
from function_code.errors import Refused

BASE = {"base": "appFAKE0000000000", "table": "Customers"}


def test_texts_stand_for_what_they_say() -> None:
    content = {"fields": 'Age,"odd, name"', "cap": "1000", "create_fields": "true", "retrain": "0.5", "rate": "2"}
    settings = AirtableSettings.of({**BASE, **content})
    assert settings.fields == ("Age", "odd, name")
    assert (settings.cap, settings.create_fields, settings.retrain, settings.rate) == (1000, True, 0.5, 2.0)
    assert AirtableSettings.of({**BASE, "fields": ["Age"], "cap": 1000}).fields == ("Age",)


def test_what_is_written_where() -> None:
    settings = AirtableSettings.of({**BASE, "probability": "", "label": "Churn"})
    assert settings.written == {"label": "Churn", "version": "Model version", "time": "Predicted at"}
    assert settings.sink == "Customers"
    assert AirtableSettings.of({**BASE, "predictions": "Scores"}).sink == "Scores"
    assert not AirtableSettings.of({**BASE, "label": ""}).written


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ({"base": ""}, "airtable.base is not set; which base of Airtable is to be read?"),
        ({"base": "My base"}, "airtable.base is 'My base'; it can be the id in the base's address, airtable.com/app"),
        ({"tabel": "x"}, r"airtable.tabel is no setting; did you mean table\?"),
        ({"table": 3}, "airtable.table is 3; it can be a text"),
        ({"fields": 3}, "airtable.fields is 3; it can be a list of names"),
        ({"fields": '"a'}, "the columns '\"a' are not a line of CSV"),
        ({"cap": "many"}, "airtable.cap is 'many'; it can be a number"),
        ({"cap": True}, "airtable.cap is True; it can be a number"),
        ({"cap": 0.5}, "airtable.cap is 0.5; it can be a whole number"),
        ({"cap": 0}, "airtable.cap is 0; it can be 1 to 1,000,000"),
        ({"retrain": 2}, r"airtable.retrain is 2.0; it can be 0 to 1"),
        ({"create_fields": "perhaps"}, "airtable.create_fields is 'perhaps'; it can be true or false"),
        ({"rate": 50}, "airtable.rate is 50.0; it can be above 0 and up to 5, which is all that Airtable answers"),
        (
            {"url": "http://airtable.example"},
            "airtable.url is 'http://airtable.example'; it can be an https:// address",
        ),
        ({"label": "A", "version": "A"}, "airtable names the field 'A' for two things that are written"),
        ({"fields": "Prediction"}, "airtable names the field 'Prediction' both to be read and to be written"),
    ],
)
def test_what_cannot_be_is_named(content: dict[str, Any], words: str) -> None:
    with pytest.raises(Refused, match=words) as refused:
        AirtableSettings.of({**BASE, **content})
    assert "\n" not in str(refused.value)

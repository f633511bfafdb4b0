"""Each type of field: what its cells are as texts, also where Airtable leaves them out, and the kind of its column."""

from typing import Any

import pytest

from function_code.airtable.fields import TYPES, USELESS, Field, kind, text

TEXT, NUMBER = {"type": "singleLineText"}, {"type": "number", "options": {"precision": 0}}


def field(kind: str, **options: Any) -> Field:
    return Field("fld1", "A field", kind, options)


@pytest.mark.parametrize(
    ("of", "value", "as_text", "empty", "kind_of"),
    [
        (field("singleLineText"), "007", "007", "", "category"),
        (field("multilineText"), "a\nb", "a\nb", "", "category"),
        (field("richText"), "**a**", "**a**", "", "category"),
        (field("email"), "a@b.example", "a@b.example", "", "category"),
        (field("url"), "https://a.example", "https://a.example", "", "category"),
        (field("phoneNumber"), "+49 30 1", "+49 30 1", "", "category"),
        (field("number"), 3.5, "3.5", "", "number"),
        (field("percent"), 0.25, "0.25", "", "number"),
        (field("currency"), 12, "12", "", "number"),
        (field("rating"), 4, "4", "", "number"),
        (field("duration"), 90, "90", "", "number"),
        (field("count"), 0, "0", "", "number"),
        (field("autoNumber"), 17, "17", "", "id"),
        (field("checkbox"), True, "true", "false", "boolean"),
        (field("date"), "2026-01-05", "2026-01-05", "", "date"),
        (field("dateTime"), "2026-01-05T10:00:00.000Z", "2026-01-05T10:00:00.000Z", "", "date"),
        (field("createdTime"), "2026-01-05T10:00:00.000Z", "2026-01-05T10:00:00.000Z", "", "date"),
        (field("singleSelect"), "pro", "pro", "", "category"),
        (field("multipleSelects"), ["a", "b"], "a;b", "", "category"),
        (field("externalSyncSource"), "CRM", "CRM", "", "category"),
        (field("singleCollaborator"), {"id": "usr1", "email": "a@b.example", "name": "Ann"}, "Ann", "", "category"),
        (field("createdBy"), {"id": "usr1", "email": "a@b.example"}, "a@b.example", "", "category"),
        (
            field("multipleCollaborators"),
            [{"id": "u1", "name": "Ann"}, {"id": "u2", "name": "Bo"}],
            "Ann;Bo",
            "",
            "category",
        ),
        (field("barcode"), {"type": "upce", "text": "01234567"}, "01234567", "", "category"),
        (field("aiText"), {"state": "generated", "value": "good", "isStale": False}, "good", "", "category"),
        (field("multipleAttachments"), [{"id": "att1", "url": "u"}, {"id": "att2", "url": "v"}], "2", "0", "number"),
        (field("multipleRecordLinks"), ["rec1", "rec2", "rec3"], "3", "0", "number"),
        (field("multipleRecordLinks", prefersSingleRecordLink=True), ["rec1"], "rec1", "", "category"),
        (field("formula", result=NUMBER), 7, "7", "", "number"),
        (field("formula", result=NUMBER), {"specialValue": "NaN"}, "", "", "number"),
        (field("formula", result=NUMBER), {"error": "#ERROR!"}, "", "", "number"),
        (field("formula", result=TEXT), "x", "x", "", "category"),
        (
            field("formula", result={"type": "dateTime"}),
            "2026-01-05T10:00:00.000Z",
            "2026-01-05T10:00:00.000Z",
            "",
            "date",
        ),
        (field("rollup", result=NUMBER), 7, "7", "", "number"),
        (field("multipleLookupValues", result=NUMBER), [7], "7", "", "number"),
        (field("multipleLookupValues", result=NUMBER), [7, 8], "7;8", "", "category"),
        (field("lookup", result=TEXT), ["x", None, "y"], "x;y", "", "category"),
    ],
    ids=lambda value: value.type if isinstance(value, Field) else "",
)
def test_a_cell_and_its_column(of: Field, value: Any, as_text: str, empty: str, kind_of: str) -> None:
    assert of.useful
    assert text(of, value) == as_text
    assert text(of, None) == empty
    assert kind(of, [as_text, as_text]) == kind_of


def test_there_are_as_many_types_as_airtable_has() -> None:
    assert len(TYPES) == 35
    assert {"button", "manualSort", "lastModifiedTime", "lastModifiedBy"} == USELESS
    assert not any(field(useless).useful for useless in USELESS)
    assert not field("hologram").useful
    assert not field("formula", isValid=False).useful


def test_a_text_that_hardly_ever_repeats_is_an_id() -> None:
    assert kind(field("email"), map(str, range(100))) == "id"
    assert kind(field("email"), [str(number % 40) for number in range(100)]) == "category"


def test_numbers_that_are_texts_stay_texts() -> None:
    """A postcode has a text field because it is none of the numbers that could be added."""
    assert kind(field("singleLineText"), ["10115", "10117", ""]) == "category"

"""The values of the training rows as the document of `scoring.seen_values`."""

from typing import Any

import pandas as pd

from function_code.data.text_kinds import hardly_repeats
from function_code.dialects.lists import elements

RANGED = ("number", "date")


def seen_values(typed: pd.DataFrame, kinds: dict[str, str], forms: dict[str, str]) -> dict[str, Any]:
    """The document of the typed training rows; `kinds` and `forms` are those of the features.

    Categories that hardly ever repeat are left out: another one is nothing that should be mentioned.
    """
    categories = {
        name: sorted(set(typed[name]) - {""})
        for name, kind in kinds.items()
        if kind == "category" and not hardly_repeats(typed[name].nunique(), int((typed[name] != "").sum()))
    }
    ranges = {
        name: [float(typed[name].min()), float(typed[name].max())]
        for name, kind in kinds.items()
        if kind in RANGED and typed[name].notna().any()
    }
    lists = {
        name: {
            "separator": forms[name],
            "elements": sorted({element for text in set(typed[name]) for element in elements(text, forms[name])}),
        }
        for name, kind in kinds.items()
        if kind == "list"
    }
    return {"categories": categories, "ranges": ranges, "lists": lists}

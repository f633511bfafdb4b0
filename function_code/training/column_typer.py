"""The first step of every pipeline: raw columns in, typed columns out."""

from typing import Any, Self

import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin

from function_code.errors import Refused
from function_code.training.kinds.values import values


class ColumnTyper(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Takes the features out of a frame, as texts or as `pandas.read_csv` types them, and converts them by their kinds.

    `kinds` is {column: kind} in the order of the schema, `forms` has the forms of columns that are not written as
    programs write them (see `function_code.dialects`). The result has those columns: floats, or texts for a category,
    as in a row that a schema has checked.
    """

    def __init__(self, kinds: dict[str, str], forms: dict[str, str] | None = None) -> None:
        self.kinds = kinds
        self.forms = forms

    def fit(self, frame: pd.DataFrame, y: Any = None) -> Self:  # noqa: ARG002 (scikit-learn passes both)
        """Learns nothing; it is there to be called."""
        self.columns_ = list(self.kinds)
        return self

    def transform(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Raises Refused if a column is absent or holds a value that is not of its kind."""
        absent = [name for name in self.kinds if name not in frame]
        if absent:
            raise Refused(
                f"the columns {', '.join(map(repr, absent))} are not there; there are {', '.join(map(repr, frame))}"
            )
        forms = self.forms or {}
        typed = {name: values(frame[name], kind, forms.get(name, "")) for name, kind in self.kinds.items()}
        return pd.DataFrame(typed, index=frame.index)

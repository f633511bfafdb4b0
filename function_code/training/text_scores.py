"""Free text as a score: what a ridge regression on its grams (`scoring.grams`), weighted by tf-idf, makes of it.

Of classes it is one on whether a row is of them. What serves are the grams' weights. As an input of another model, the
score of a training row is that of a regression that has not seen the row (Wolpert, Stacked Generalization, 1992;
https://doi.org/10.1016/S0893-6080(05)80023-1).
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from hashlib import blake2b

import numpy as np
import pandas as pd
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import Ridge

from function_code.scoring.grams import GROUP_MARK, grams
from function_code.training.cross_fitted import is_clear, outputs_of, parts_of
from function_code.training.derived import Table, derived
from function_code.training.table import Array

MAX_ROWS = 30_000  # that are learned from: more take gigabytes, and hardly say more
MIN_GRAM_ROWS = 3
MAX_GRAMS, MAX_NUMBERS = 20_000, 300_000  # of a table: what every start of an endpoint reads
MAX_OUTPUTS = 50  # classes, beyond which there would be too few grams for each
DIGITS = 5  # of a weight: more say nothing
PENALTIES = (1.0, 5.0)
CACHED_FITS = 8

Analyzer = Callable[[str], Iterable[str]]


class Rows:
    """Texts and targets, known by what they are: every candidate fits on the same rows."""

    def __init__(self, texts: pd.Series, y: Array) -> None:
        self.texts, self.y = texts, y
        hashes = (pd.util.hash_array(np.asarray(values)) for values in (texts.to_numpy(), y, texts.index.to_numpy()))
        self.digest = blake2b(b"".join(values.tobytes() for values in hashes)).digest()

    def __hash__(self) -> int:
        return hash(self.digest)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Rows) and self.digest == other.digest


@lru_cache(CACHED_FITS)
def _fitted(rows: Rows, analyzer: Analyzer = grams) -> tuple[Table, Array, Array]:
    """The table, the numbers of these rows by those that others give them, and by row the gain in squared error."""
    outputs, parts = outputs_of(rows.y), parts_of(rows.texts.index)
    width = outputs.shape[1]
    vectorizer = TfidfVectorizer(
        analyzer=analyzer,
        binary=True,
        min_df=min(MIN_GRAM_ROWS, len(parts)),
        max_features=min(MAX_GRAMS, MAX_NUMBERS // (1 + width)),
    )
    try:
        x = vectorizer.fit_transform(rows.texts)
    except ValueError:  # no gram is in so many rows
        x = vectorizer.set_params(min_df=1).fit_transform(["nothing"] * len(parts))
    priors, others = np.zeros_like(outputs), {penalty: np.zeros_like(outputs) for penalty in PENALTIES}
    for part in np.unique(parts):
        inside = parts == part
        priors[inside] = outputs[~inside].mean(axis=0)
        for penalty, scores in others.items():
            model = _ridge(penalty).fit(x[~inside], outputs[~inside])
            scores[inside] = model.predict(x[inside]).reshape(-1, width)
    errors = {penalty: np.square(scores - outputs).sum(axis=1) for penalty, scores in others.items()}
    penalty = min(PENALTIES, key=lambda penalty: float(errors[penalty].sum()))
    model = _ridge(penalty).fit(x, outputs)
    weights = (np.atleast_2d(model.coef_) * vectorizer.idf_).T
    numbers = [
        [float(f"{number:.{DIGITS}g}") for number in (idf, *own)]
        for idf, own in zip(vectorizer.idf_.tolist(), weights.tolist(), strict=True)
    ]
    table = {"kind": "text", "width": width + 1, "intercepts": np.atleast_1d(model.intercept_).tolist()}
    table["grams"] = dict(zip(vectorizer.get_feature_names_out().tolist(), numbers, strict=True))
    gains = np.square(priors - outputs).sum(axis=1) - errors[penalty]
    return table, np.column_stack([others[penalty], np.log1p(x.getnnz(axis=1))]), gains


@contextmanager
def fits_kept() -> Iterator[None]:
    """Keeps fits for all that is fitted on the same rows, and drops them in the end: functions stay warm for hours."""
    try:
        yield
    finally:
        _fitted.cache_clear()


def _ridge(penalty: float) -> Ridge:
    return Ridge(penalty, solver="sparse_cg", tol=1e-3)


def _sample(rows: int) -> Array:
    return np.arange(0, rows, (rows - 1) // MAX_ROWS + 1)


def words(text: str) -> list[str]:
    """Grams without groups of letters."""
    return [gram for gram in grams(text) if not gram.startswith(GROUP_MARK)]


def word_scores(names: pd.Series, y: Array) -> tuple[Table, Array]:
    """Scores names as `text_scores` does, by their words and pairs of words alone."""
    return text_scores(names, y, words)


def text_scores(texts: pd.Series, y: Array, analyzer: Analyzer = grams) -> tuple[Table, Array]:
    """The table of the scores of texts, one for each output (`outputs_of`), and of their lengths."""
    sample = _sample(len(texts))
    table, numbers, _ = _fitted(Rows(texts.iloc[sample], y[sample]), analyzer)
    if len(sample) == len(texts):
        return table, numbers
    every = derived(table, texts)
    every[sample] = numbers
    return table, every


def say_something(texts: pd.Series, y: Array) -> bool:
    """Says whether texts clearly help to predict the target of rows that were not learned from."""
    if outputs_of(y).shape[1] > MAX_OUTPUTS:
        return False
    sample = _sample(len(texts))
    return is_clear(_fitted(Rows(texts.iloc[sample], y[sample]))[2])

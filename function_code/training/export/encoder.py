"""The encoders of `training.encoders` as the tables of `scoring.encoding`."""

from typing import Any

from sklearn.pipeline import Pipeline

NOT_LISTED = -1


def encoder_tables(encoder: Any, kinds: dict[str, str]) -> dict[str, Any]:
    """The tables of a fitted ColumnTransformer over the columns that `ColumnTyper(kinds)` makes."""
    dates = [index for index, kind in enumerate(kinds.values()) if kind == "date"]
    parts = [f"{name} ({part})" for name, kind in kinds.items() if kind == "date" for part in ("weekday", "month")]
    rows = {name: index for index, name in enumerate([*kinds, *parts])}
    tables: dict[str, Any] = {"width": 0, "dates": dates, "logarithms": []}
    tables |= {"raw": [], "scaled": [], "missing": [], "onehot": []}
    for name, transformer, columns in encoder.transformers_:
        if not len(columns) or name == "remainder":
            continue
        if name == "categories":
            _categories(transformer, [rows[column] for column in columns], tables)
        elif isinstance(transformer, Pipeline):
            _scaled(transformer, [rows[column] for column in columns], tables)
        else:
            tables["raw"] = [[index, rows[column]] for index, column in enumerate(columns)]
            tables["width"] = len(columns)
    return tables


def known_categories(pipeline: Pipeline) -> dict[str, list[str]]:
    """The categories that the encoder tells apart, by column, without the missing one."""
    categories = {}
    for name, transformer, columns in pipeline["encode"].transformers_:
        if name == "categories" and len(columns):
            for column, listed in zip(columns, _frequent(transformer), strict=True):
                categories[column] = [category for category in listed if category]
    return categories


def _categories(encoder: Any, rows: list[int], tables: dict[str, Any]) -> None:
    for index, row in enumerate(rows):
        listed = _frequent(encoder)[index]
        infrequent = encoder.infrequent_categories_[index]
        other = NOT_LISTED if infrequent is None else len(listed)
        tables["onehot"].append([tables["width"], row, {category: i for i, category in enumerate(listed)}, other])
        tables["width"] += len(listed) + (infrequent is not None)


def _scaled(numbers: Pipeline, rows: list[int], tables: dict[str, Any]) -> None:
    fill, scale = numbers["fill"], numbers["scale"]
    means, scales = scale.mean_.tolist(), scale.scale_.tolist()
    tables["logarithms"] = [row for row, logged in zip(rows, numbers["logarithms"].logged_, strict=True) if logged]
    for index, row in enumerate(rows):
        tables["scaled"].append([index, row, float(fill.statistics_[index]), means[index], scales[index]])
    for offset, index in enumerate(fill.indicator_.features_.tolist(), len(rows)):
        mean, by = means[offset], scales[offset]
        tables["missing"].append([offset, rows[index], (0.0 - mean) / by, (1.0 - mean) / by])
    tables["width"] = len(means)


def _frequent(encoder: Any) -> list[list[str]]:
    rare = encoder.infrequent_categories_
    return [
        [category for category in categories.tolist() if some is None or category not in set(some)]
        for categories, some in zip(encoder.categories_, rare, strict=True)
    ]

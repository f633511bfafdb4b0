"""The encoders of `training.encoders` as the tables of `scoring.encoding`."""

from typing import Any

from sklearn.pipeline import Pipeline

NOT_LISTED = -1


def encoder_tables(encoder: Any, kinds: dict[str, str]) -> dict[str, Any]:
    """The tables of a fitted ColumnTransformer over the columns that `ColumnTyper(kinds)` makes."""
    rows = {name: index for index, name in enumerate(kinds)}
    tables: dict[str, Any] = {"width": 0, "derived": [], "logarithms": []}
    tables |= {"raw": [], "scaled": [], "missing": [], "onehot": []}
    for name, transformer, columns in encoder.transformers_:
        if not len(columns) or name == "remainder":
            continue
        indices = [rows[column] for column in columns]
        steps = transformer.named_steps if isinstance(transformer, Pipeline) else {}
        if "derive" in steps:
            indices = _derived(steps["derive"], indices, len(kinds), tables)
        if name == "categories":
            _categories(transformer, indices, tables)
        elif "scale" in steps:
            _scaled(transformer, indices, tables)
        else:
            tables["raw"] += [[position, index] for position, index in enumerate(indices, tables["width"])]
            tables["width"] += len(indices)
    return tables


def _derived(derive: Any, indices: list[int], features: int, tables: dict[str, Any]) -> list[int]:
    """Adds the tables of what is derived from some features; the indices of those numbers in the row."""
    first = features + sum(table["width"] for table in tables["derived"])
    tables["derived"] += [{"index": index, **table} for index, table in zip(indices, derive.tables_, strict=True)]
    return list(range(first, features + sum(table["width"] for table in tables["derived"])))


def _categories(encoder: Any, rows: list[int], tables: dict[str, Any]) -> None:
    for index, row in enumerate(rows):
        listed = _frequent(encoder)[index]
        infrequent = encoder.infrequent_categories_[index]
        other = NOT_LISTED if infrequent is None else len(listed)
        tables["onehot"].append([tables["width"], row, {category: i for i, category in enumerate(listed)}, other])
        tables["width"] += len(listed) + (infrequent is not None)


def _scaled(numbers: Pipeline, rows: list[int], tables: dict[str, Any]) -> None:
    fill, scale, first = numbers["fill"], numbers["scale"], tables["width"]
    means, scales = scale.mean_.tolist(), scale.scale_.tolist()
    if "logarithms" in numbers.named_steps:
        tables["logarithms"] = [row for row, logged in zip(rows, numbers["logarithms"].logged_, strict=True) if logged]
    for index, row in enumerate(rows):
        tables["scaled"].append([first + index, row, float(fill.statistics_[index]), means[index], scales[index]])
    for offset, index in enumerate(fill.indicator_.features_.tolist() if fill.add_indicator else [], len(rows)):
        mean, by = means[offset], scales[offset]
        tables["missing"].append([first + offset, rows[index], (0.0 - mean) / by, (1.0 - mean) / by])
    tables["width"] += len(means)


def _frequent(encoder: Any) -> list[list[str]]:
    rare = encoder.infrequent_categories_
    return [
        [category for category in categories.tolist() if some is None or category not in set(some)]
        for categories, some in zip(encoder.categories_, rare, strict=True)
    ]

"""Free texts that say nothing of the target, such as names: they are left out before the search."""

from function_code.training.dataset import PreparedDataset
from function_code.training.kinds.reading import setting
from function_code.training.settings import Settings
from function_code.training.table import Array
from function_code.training.text_scores import say_something


def leave_out_uninformative_texts(dataset: PreparedDataset, learn: Array, settings: Settings) -> None:
    """Ignores the texts that don't clearly help on the rows to learn from; says of each column of texts what it is."""
    for name in [name for name, kind in dataset.kinds.items() if kind == "text"]:
        column = dataset.features(learn)[name]
        if settings.kind(name)[0] or len(dataset.kinds) == 1 or say_something(column, dataset.target[learn]):
            otherwise = setting(name, "id")
            dataset.warnings.append(
                f"column {name!r} is read as free text: its words and parts of words count; {otherwise} leaves it out"
            )
            continue
        del dataset.kinds[name]
        dataset.typed = dataset.typed.drop(columns=name)
        dataset.ignored.append(name)
        otherwise = setting(name, "text")
        dataset.warnings.append(
            f"column {name!r} is not used: its texts hardly ever repeat, and their words don't tell the target; "
            f"{otherwise} uses it all the same"
        )

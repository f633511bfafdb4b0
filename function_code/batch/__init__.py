"""Scoring whole files: CSV or Parquet in, CSV out, in blocks, so that a file may be larger than the memory."""

SCORABLE = (".csv", ".parquet")  # how the names of such files end, in small letters


def arriving(model: str) -> str:
    """Where files for a model arrive in a store: what their keys begin with."""
    return f"batch/{model}/in/"


def results_of(model: str, key: str) -> str:
    """The key of the folder for the results of a file that arrived there."""
    return f"batch/{model}/out/{key.removeprefix(arriving(model))}"

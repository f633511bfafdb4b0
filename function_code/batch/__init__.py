"""Scoring of whole files: CSV or Parquet in, CSV out, in blocks, so that a file may be larger than the memory."""

# The endings of files, in small letters: of those that are learned from, and of those that are scored.
TRAINABLE = (".csv", ".tsv", ".csv.gz", ".csv.bz2", ".csv.xz", ".csv.zip")
SCORABLE = (*TRAINABLE, ".parquet")


def arrivals_prefix(model: str) -> str:
    """The prefix of the keys of files that arrive in a store for a model."""
    return f"batch/{model}/in/"


def results_key(model: str, key: str) -> str:
    """The key of the folder for the results of a file that arrived there."""
    return f"batch/{model}/out/{key.removeprefix(arrivals_prefix(model))}"

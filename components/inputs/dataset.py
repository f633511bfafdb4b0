"""The dataset of a stack: what it is called in the store, and the sample for those who have none yet."""

import os
import re
from pathlib import Path

from components.inputs.checks import check_dataset
from components.packaging import source_files
from components.packaging.archive import cache

SAMPLE = "synthetic.csv"
NONE = "none"  # no file: whoever has data puts it into the store


def uploaded(dataset: str) -> Path | None:
    """The file to upload: the one named, the sample for "", nothing for NONE. Raises RunError if it is not there."""
    if dataset == NONE:
        return None
    return check_dataset(dataset) if dataset else synthetic_sample()


def dataset_key(model: str, name: str) -> str:
    """The key of a file in the store. It keeps its name, as far as that can stand in an object's key anywhere."""
    plain = re.sub(r"[^\w.-]+", "_", name, flags=re.ASCII).lstrip(".")
    return f"datasets/{model}/{plain}"


def synthetic_sample() -> Path:
    """The sample as a file in the cache; made now if it is not there yet."""
    path = cache() / f"sample-{source_files.digest([source_files.GENERATOR])}" / SAMPLE
    if not path.exists():
        from function_code.data import synthetic

        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f"{os.getpid()}.part")
        synthetic.write(part)
        part.replace(path)
    return path

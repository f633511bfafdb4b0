"""Histories of users as artifacts of a version, for requests without one (`scoring.kept_histories`)."""

import hashlib
import json
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from function_code.dialects.iso_dates import write_iso
from function_code.scoring.kept_histories import INDEX, SHARDS, key, shard_of
from function_code.training.table import Array

SHARD_BYTES = 128 << 10  # of lines; compressed a fifth of that


@dataclass(frozen=True)
class HistoriesToKeep:
    """The artifacts, their summary for the manifest, and warnings of what is not kept."""

    artifacts: dict[str, bytes]
    summary: dict[str, Any]
    warnings: list[str]


def keep(events: pd.DataFrame, user: str, most: int) -> HistoriesToKeep:
    """The latest events of each user, `most` at most.

    `events` have the columns of `TypedEvents.frame`, of which there may be no `amount`; `user` is the field of requests
    that names a user.
    """
    codes, users = pd.factorize(events["user"])
    order = np.lexsort((events["when"].to_numpy(), codes))
    counts = np.bincount(codes)
    ends = np.cumsum(counts)
    starts = ends - np.minimum(counts, most)
    order = order[np.arange(len(order)) >= np.repeat(starts, counts)]
    columns = [_texts(events[name].to_numpy()[order], name) for name in ("item", "when", "amount") if name in events]
    ends = np.cumsum(np.minimum(counts, most)).tolist()
    lines = []
    for name, start, end in zip(users, [0, *ends], ends, strict=False):
        lists = b",".join(b"[" + b",".join(column[start:end]) + b"]" for column in columns)
        lines.append(b"[" + key(name) + b"," + lists + b"]\n")
    count = -(-sum(map(len, lines)) // SHARD_BYTES)
    shards: list[list[bytes]] = [[b"\n"] for _ in range(count)]
    for name, line in zip(users, lines, strict=True):
        shards[shard_of(name, count)].append(line)
    contents = [zlib.compress(b"".join(shard)) for shard in shards]
    index = {
        "ends": np.cumsum([len(content) for content in contents]).tolist(),
        "sha256": [hashlib.sha256(content).hexdigest() for content in contents],
    }
    artifacts = {SHARDS: b"".join(contents), INDEX: json.dumps(index).encode()}
    return HistoriesToKeep(artifacts, {"user": user, "users": len(users), "events": most}, _warnings(counts, most))


def _texts(values: Array, name: str) -> list[bytes]:
    """Values as JSON; times as ISO 8601 to the microsecond, and days alone where they are midnights."""
    codes, distinct = pd.factorize(values, use_na_sentinel=False)
    of_column: dict[str, Callable[[Any], object]] = {"item": str, "when": _iso, "amount": _number_or_null}
    plain = of_column[name]
    texts = [json.dumps(plain(value)).encode() for value in distinct.tolist()]
    return [texts[code] for code in codes.tolist()]


def _iso(day: float) -> str:
    return write_iso(day).removesuffix("T00:00:00+00:00").replace("+00:00", "Z")


def _number_or_null(value: float) -> float | None:
    return value if value == value else None


def _warnings(counts: Array, most: int) -> list[str]:
    over = int((counts > most).sum())
    if not over:
        return []
    of = f"{over:,} of {len(counts):,} users, who have up to {counts.max():,}"
    return [f"only the latest {most:,} events are kept of {of}; KEEP_EVENTS= sets another number"]

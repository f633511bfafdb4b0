"""Model versions and the pointer that says which of them serves.

    models/<model>/versions/<version>/manifest.json, model.json, ...    written once, the manifest last
    models/<model>/serving.json                                         the pointer, by conditional writes only
    models/<model>/items/...                                            the same of the model that recommends beside it

A version without a manifest was never finished and does not exist for anybody.
"""

from __future__ import annotations

import json
import sys

from function_code.errors import Conflict, NotFound, Refused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from function_code.store import Store

    Manifest = dict[str, Any]
    Withdrawal = dict[str, str]

ITEMS = "items"  # the name of a model that recommends, below that of the model of intent that it belongs to
REPORT = "report.html"  # about a model and its training, so no part of what tells equal models
MAX_PREVIOUS = 20  # earlier stable versions kept in the pointer for rollbacks
MAX_WITHDRAWN = 20  # withdrawals kept in the pointer, so that a retraining does not undo them
MAX_ATTEMPTS = 20  # of a pointer change that keeps losing to other writers
OPENSSL_BYTES = 1 << 20  # from which OpenSSL's faster sum makes up for the time that loading OpenSSL takes


class Pointer:
    """The pointer: `stable`, a version; `canary`, (version, weight) or None; `previous` stables, newest first.

    `withdrawn` has what a person took back, newest first: {"version", "at", "by", "because"}.
    """

    __slots__ = ("canary", "previous", "stable", "tag", "withdrawn")

    def __init__(
        self,
        stable: str,
        canary: tuple[str, float] | None = None,
        previous: tuple[str, ...] = (),
        tag: str = "",
        withdrawn: tuple[Withdrawal, ...] = (),
    ) -> None:
        self.stable, self.canary, self.previous, self.tag, self.withdrawn = stable, canary, previous, tag, withdrawn

    def moved_to(self, version: str) -> Pointer:
        """The pointer after `version` became stable; a canary ends with it, and a withdrawal of that version."""
        kept = tuple(each for each in self.withdrawn if _content(each["version"]) != _content(version))
        if version == self.stable:
            return Pointer(version, None, self.previous, self.tag, kept)
        earlier = tuple(v for v in (self.stable, *self.previous) if v != version)
        return Pointer(version, None, earlier[:MAX_PREVIOUS], self.tag, kept)

    def withdrawal(self, version: str) -> Withdrawal | None:
        """The withdrawal of the version, or of an equal one; None if nobody took it back."""
        return next((each for each in self.withdrawn if _content(each["version"]) == _content(version)), None)

    def encode(self) -> bytes:
        """The pointer as the JSON that is stored."""
        canary = {"version": self.canary[0], "weight": self.canary[1]} if self.canary else None
        content = {"stable": self.stable, "canary": canary, "previous": self.previous, "withdrawn": self.withdrawn}
        return json.dumps(content).encode()

    @classmethod
    def decode(cls, data: bytes, tag: str) -> Pointer:
        """The pointer in `data`, read with `tag`. Raises ValueError, KeyError, TypeError or AttributeError."""
        content = json.loads(data)
        canary = content.get("canary")
        return cls(
            content["stable"],
            (canary["version"], float(canary["weight"])) if canary else None,
            tuple(content.get("previous", ())),
            tag,
            tuple(content.get("withdrawn", ())),
        )


class Registry:
    """The versions of one model in a store."""

    def __init__(self, store: Store, model: str) -> None:
        self.store, self.model = store, model
        self._pointer_key = f"models/{model}/serving.json"

    def versions(self) -> list[str]:
        """The finished versions, oldest first (a version's name begins with its UTC time)."""
        keys = self.store.list(f"models/{self.model}/versions")
        return [key.split("/")[-2] for key in keys if key.endswith("/manifest.json")]

    @property
    def items(self) -> Registry:
        """The registry of the model that recommends beside this one: below it, so that the same rights are enough."""
        return Registry(self.store, f"{self.model}/{ITEMS}")

    def manifest(self, version: str) -> Manifest:
        """The manifest of a version. Raises NotFound, naming the versions there are."""
        try:
            content: Manifest = json.loads(self.store.get(self._key(version, "manifest.json")))
        except NotFound:
            newest = ", ".join(self.versions()[-5:]) or "none yet"
            raise NotFound(f"model {self.model!r} has no version {version!r} (newest: {newest})") from None
        except ValueError:
            raise Refused(f"the manifest of version {version} of model {self.model!r} is not JSON") from None
        return content

    def artifact(self, version: str, name: str, manifest: Manifest) -> bytes:
        """An artifact's bytes. Raises Refused if they are not the ones that the manifest was written for."""
        data = self.store.get(self._key(version, name))
        if _sha256(data) != manifest["artifacts"][name]["sha256"]:
            raise Refused(
                f"{name} of version {version} of model {self.model!r} is corrupt: its sha256 is not the manifest's"
            )
        return data

    def pieces(self, version: str, name: str, pieces: list[tuple[int, int, str]]) -> list[bytes]:
        """Pieces of an artifact, each by its start, its end and its sha256. Raises Refused as `artifact` does."""
        contents = self.store.pieces(self._key(version, name), [(start, end) for start, end, _ in pieces])
        for content, (start, _, sha256) in zip(contents, pieces, strict=True):
            if _sha256(content) != sha256:
                raise Refused(f"{name} of version {version} of model {self.model!r} is corrupt at byte {start}")
        return contents

    def publish(self, manifest: Manifest, artifacts: dict[str, bytes]) -> str:
        """Writes a version that nobody serves yet; returns its name and stores it in the manifest.

        The name is `<UTC time>-<hash of the artifacts>`, so it sorts by time and equal models can be seen to be equal;
        the report is not in that hash.
        """
        from datetime import UTC, datetime

        sums = {name: _sha256(data) for name, data in artifacts.items()}
        now = datetime.now(UTC)
        content = _sha256("".join(sums[name] for name in sorted(sums) if name != REPORT).encode())[:12]
        version = f"{now:%Y%m%dT%H%M%S%f}Z-{content}"
        for name, data in artifacts.items():
            self.store.create(self._key(version, name), data)
        listed = {name: {"sha256": sums[name], "bytes": len(artifacts[name])} for name in artifacts}
        whole = {"model": self.model, "version": version, "created": now.isoformat(timespec="seconds"), **manifest}
        data = json.dumps({**whole, "artifacts": listed}, indent=1, allow_nan=False).encode()
        self.store.create(self._key(version, "manifest.json"), data)
        return version

    def pointer(self) -> Pointer | None:
        """The pointer, or None before the first promotion."""
        try:
            data, tag = self.store.get_tagged(self._pointer_key)
        except NotFound:
            return None
        try:
            return Pointer.decode(data, tag)
        except (ValueError, KeyError, TypeError, AttributeError):
            raise Refused(
                f"{self._pointer_key} in {self.store.url} is not a pointer; remove it, then promote a version"
            ) from None

    def point(self, before: Pointer | None, after: Pointer) -> None:
        """Moves the pointer from what was read to `after`. Raises Conflict if it has moved meanwhile."""
        if before is None:
            self.store.create(self._pointer_key, after.encode())
        else:
            self.store.replace(self._pointer_key, after.encode(), before.tag)

    def promote(self, version: str, canary: float | None = None) -> Pointer:
        """Makes a version stable or, with a weight between 0 and 1, the canary beside the stable one."""
        self.manifest(version)
        if canary is not None and not 0 < canary < 1:
            raise Refused(f"a canary's weight is between 0 and 1, both excluded, not {canary:g}; without one it is all")

        def change(before: Pointer | None) -> Pointer:
            if canary is None:
                return before.moved_to(version) if before else Pointer(version)
            if before is None:
                raise Refused(
                    f"model {self.model!r} serves nothing yet: promote a version first, then a canary beside it"
                )
            if before.stable == version:
                raise Refused(f"version {version} is the stable one; a canary is another version")
            return Pointer(before.stable, (version, canary), before.previous, withdrawn=before.withdrawn)

        return self._move(change)

    def rollback(self, by: str = "", because: str = "") -> Pointer:
        """Withdraws the canary if there is one; otherwise goes back to the version that was stable before.

        The pointer keeps who did it and why; no retraining brings the version back.
        """
        from datetime import UTC, datetime

        at = datetime.now(UTC).isoformat(timespec="seconds")

        def change(before: Pointer | None) -> Pointer:
            if before is None:
                raise NotFound(f"model {self.model!r} serves nothing yet, so there is nothing to roll back")
            version = before.canary[0] if before.canary else before.stable
            others = [each for each in before.withdrawn if _content(each["version"]) != _content(version)]
            withdrawn = ({"version": version, "at": at, "by": by, "because": because}, *others)[:MAX_WITHDRAWN]
            if before.canary:
                return Pointer(before.stable, None, before.previous, withdrawn=withdrawn)
            taken_back = {each["version"] for each in withdrawn}
            previous = tuple(each for each in before.previous if each not in taken_back)
            if not previous:
                raise NotFound(
                    f"model {self.model!r} has served no version before {before.stable}; promote one by name"
                )
            # What serves from now on is not withdrawn, even if an equal version was.
            kept = tuple(each for each in withdrawn if _content(each["version"]) != _content(previous[0]))
            return Pointer(previous[0], None, previous[1:], withdrawn=kept)

        return self._move(change)

    def _move(self, change: Callable[[Pointer | None], Pointer]) -> Pointer:
        for _ in range(MAX_ATTEMPTS):
            before = self.pointer()
            after = change(before)
            try:
                self.point(before, after)
            except Conflict:
                continue
            return after
        raise Conflict(f"the pointer of model {self.model!r} keeps being moved by others; try again")

    def _key(self, version: str, name: str) -> str:
        return f"models/{self.model}/versions/{version}/{name}"


def _content(version: str) -> str:
    """The part of a version's name that equal models have in common."""
    return version.rpartition("-")[2]


def _sha256(data: bytes) -> str:
    """The hexadecimal sum. Python's own code for it is slower than hashlib's, but there at once."""
    try:
        if len(data) >= OPENSSL_BYTES:
            raise ImportError
        if sys.version_info >= (3, 12):
            from _sha2 import sha256
        else:
            from _sha256 import sha256  # type: ignore[import-not-found]
    except ImportError:  # a Python built without it, too
        from hashlib import sha256
    return str(sha256(data).hexdigest())

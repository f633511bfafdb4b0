"""The archives that a cloud's function is deployed from: our code and the platform's locked libraries, as zip files.

An archive is the same for the same code, lock and platform, byte by byte, on each machine. A cache keeps it by all of
these, so that a preview need not make it again.
"""

import json
import os
import re
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from shutil import rmtree
from typing import Any

from components.packaging import source_files
from components.packaging.deterministic_zip import Member, members, stored, write
from components.packaging.platforms import Platform
from components.packaging.pruning import is_unused
from components.packaging.wheels import pins, unfinished, wheels
from function_code.errors import Refused
from function_code.progress import ProgressLog

CODE = "function_code"
MAKERS = ("archive.py", "pruning.py", "wheels.py", "deterministic_zip.py")
WHEEL_DATA = re.compile(r"[^/]+\.data/(purelib|platlib)/")  # where a wheel may have what belongs to the top
UNUSED_SECONDS = 7 * 24 * 3600  # after which an archive goes
MAX_LISTED = 10
MB = 1e6


@dataclass(frozen=True)
class Package:
    """Contents of an archive: libraries by a lock's name, but for those of another lock, and files of ours."""

    lock: str
    files: Callable[[], list[Path]] | None
    """None if the archive is of libraries alone, which no function is made from."""
    without: str = ""


PACKAGES = {
    "serving": Package("serving", source_files.serving_files),
    "training": Package("training", source_files.sources),
    # The same in two, for a function that has no room for what it trains with, and unpacks that when it starts.
    "training_code": Package("serving", source_files.sources),
    "training_libraries": Package("training", None, without="serving"),
}


@dataclass(frozen=True)
class Archive:
    """An archive in the cache."""

    path: str
    package: str
    platform: str
    sha256: str
    packed: int
    """Its size in bytes."""
    parts: dict[str, int]
    """The bytes of each distribution, and of our own code, unpacked; the biggest first."""

    @property
    def unpacked(self) -> int:
        """Its size unpacked, in bytes, as a cloud counts them."""
        return sum(self.parts.values())

    @property
    def object_name(self) -> str:
        """A name for it in a bucket, by which its contents can be checked."""
        return f"{self.package}-{self.platform}-{self.sha256}.zip"


def make_archive(package: str, platform: Platform, log: ProgressLog) -> Archive:
    """Makes the archive of one of PACKAGES, or takes it from the cache; `log` gets progress.

    Raises Refused if a library can't be had, or if the archive is too big for the platform.
    """
    contents = PACKAGES[package]
    files = contents.files() if contents.files else []
    locks = [_lock(name, platform) for name in (contents.lock, contents.without) if name]
    makers = [source_files.file_digest(Path(__file__).with_name(name)) for name in MAKERS]
    texts = [lock.read_text(encoding="utf-8") for lock in locks]
    inputs = [*makers, source_files.digest(files), *texts, repr(platform)]
    record = cache() / f"{package}-{platform.name}-{sha256(repr(inputs).encode()).hexdigest()[:16]}.json"
    archive = _read_record(record)
    if archive is None:
        elsewhere = {pin.name for lock in locks[1:] for pin in pins(lock, platform)}
        libraries = wheels(locks[0], platform, cache(), log)
        kept = {name: wheel for name, wheel in libraries.items() if name not in elsewhere}
        archive = _build(package, platform, files, kept, record)
        _tidy()
    _check(archive, platform)
    return archive


def limit(package: str, platform: Platform) -> int | None:
    """The most bytes that the unpacked archive of a package may have there; None if nobody counts."""
    return platform.limit if PACKAGES[package].files else platform.libraries_limit


def cache() -> Path:
    """The folder of archives and wheels, shared by all checkouts. Raises Refused if there is no home for it."""
    home = os.environ.get("HOME")
    base = os.environ.get("XDG_CACHE_HOME") or (home and f"{home}/.cache")
    if not base:
        raise Refused("neither HOME nor XDG_CACHE_HOME is set, so there is nowhere to keep archives: set one of them")
    return Path(base) / "serverless-ml" / "archives"


def _lock(name: str, platform: Platform) -> Path:
    return source_files.ROOT / "requirements" / f"{platform.lock.format(name)}.txt"


def _read_record(record: Path) -> Archive | None:
    try:
        archive = Archive(path=_archive_path(record), **json.loads(record.read_text()))
        for path in (archive.path, record):
            os.utime(path)
        return archive if source_files.file_digest(Path(archive.path)) == archive.sha256 else None
    except (OSError, ValueError, TypeError):
        return None  # there is none, or it was damaged: it is made again


def _build(package: str, platform: Platform, files: list[Path], libraries: dict[str, Path], record: Path) -> Archive:
    contents: dict[str, Member] = {}
    sizes: Counter[str] = Counter()
    for library, wheel in libraries.items():
        for name, member in members(wheel):
            name = WHEEL_DATA.sub("", name)
            if not is_unused(name):
                contents[platform.libraries + name] = member
                sizes[library] += member.size
    ours = {file.relative_to(source_files.ROOT).as_posix(): file.read_bytes() for file in files}
    ours |= {name: text.encode() for name, text in platform.files.get(package, {}).items()}
    for name, data in ours.items():
        contents[name] = stored(data)
        sizes[CODE] += len(data)
    with unfinished(record) as folder:
        new = folder / "archive"
        write(new, sorted(contents.items()))
        facts: dict[str, Any] = {
            "package": package,
            "platform": platform.name,
            "sha256": source_files.file_digest(new),
            "packed": new.stat().st_size,
            "parts": dict(sizes.most_common()),
        }
        (folder / "record").write_text(json.dumps(facts))
        archive = Archive(path=_archive_path(record), **facts)
        new.replace(archive.path)
        (folder / "record").replace(record)
    return archive


def _archive_path(record: Path) -> str:
    return str(record.with_suffix(".zip"))


def _check(archive: Archive, platform: Platform) -> None:
    most = limit(archive.package, platform)
    if most is not None and archive.unpacked > most:
        lock = platform.lock.format(PACKAGES[archive.package].lock)
        biggest = ", ".join(f"{name} {size / MB:.1f}" for name, size in list(archive.parts.items())[:MAX_LISTED])
        raise Refused(
            f"the archive of {archive.package} unpacks to {archive.unpacked / MB:.1f} MB and {platform.name} takes "
            f"{most / MB:.1f}: leave something out of requirements/{lock}.in; the biggest are {biggest}"
        )


def _tidy() -> None:
    """Deletes archives unused for a week: every change of a line makes another one."""
    for path in cache().iterdir():
        try:
            if path.stat().st_mtime < time.time() - UNUSED_SECONDS:
                rmtree(path) if path.is_dir() else path.unlink()
        except OSError:
            pass  # another one tidies, too

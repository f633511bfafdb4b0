"""The wheels that a locked requirements file names for a platform, downloaded once and kept in a cache."""

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp

from packaging.requirements import Requirement

from components.packaging import source_files
from components.packaging.platforms import Platform
from function_code.errors import Refused
from function_code.progress import ProgressLog

FIRST_PROGRESS_SECONDS, NEXT_PROGRESS_SECONDS = 3, 15
PIP = ("-m", "pip", "download", "--disable-pip-version-check", "--no-input", "--progress-bar", "off")
# Dependencies are locked, too; nothing is built, as it would be for this machine.
STRICT = ("--no-deps", "--only-binary", ":all:", "--require-hashes", "--implementation", "cp")


@dataclass(frozen=True)
class Pin:
    """A release that is locked, and the sha256 of each of its files."""

    name: str
    release: str
    hashes: frozenset[str]

    def __str__(self) -> str:
        return f"{self.name}{self.release}"

    def line(self) -> str:
        """The line for pip, without the condition: pip would judge it by its own Python, not by the platform."""
        return " ".join([str(self), *(f"--hash=sha256:{digest}" for digest in sorted(self.hashes))])


def pins(lock: Path, platform: Platform) -> list[Pin]:
    """The releases of a locked requirements file that the platform needs, sorted by name."""
    pinned = []
    for line in lock.read_text(encoding="utf-8").replace("\\\n", " ").splitlines():
        text, *hashes = line.split("#")[0].split("--hash=sha256:")
        if not text.strip():
            continue
        requirement = Requirement(text)
        if requirement.marker is None or requirement.marker.evaluate(dict(platform.markers)):
            pinned.append(Pin(requirement.name, str(requirement.specifier), frozenset(map(str.strip, hashes))))
    return sorted(pinned, key=str)


def wheels(lock: Path, platform: Platform, cache: Path, log: ProgressLog) -> dict[str, Path]:
    """The wheel of each distribution. Those in the cache are used if they still have the hashes that are locked.

    Raises Refused if one can't be had.
    """
    locked = pins(lock, platform)
    lines = "".join(f"{pin.line()}\n" for pin in locked)
    key = sha256("\n".join([lines, platform.python, *platform.tags]).encode()).hexdigest()[:16]
    folder = cache / f"wheels-{key}"
    paths = _cached_wheels(folder, locked)
    if paths is None:
        with unfinished(folder) as new:
            (new / "requirements.txt").write_text(lines, encoding="utf-8")
            log(f"downloading the libraries of {lock.stem} for {platform.name} (once for each lock; a minute or so)")
            _download(new, platform, lock, log)
            _put(new, folder, locked)
        paths = _cached_wheels(folder, locked)
    if paths is None:
        raise Refused(f"{folder} is not as pip left it: something else writes there")
    return paths


@contextmanager
def unfinished(path: Path) -> Iterator[Path]:
    """Makes a folder beside `path`, for something that is renamed when it is complete; the rest is deleted."""
    path.parent.mkdir(parents=True, exist_ok=True)
    folder = Path(mkdtemp(prefix=f"{path.name}.unfinished-", dir=path.parent))
    try:
        yield folder
    finally:
        rmtree(folder, ignore_errors=True)


def _cached_wheels(folder: Path, locked: list[Pin]) -> dict[str, Path] | None:
    by_hash = {source_files.file_digest(path): path for path in sorted(folder.glob("*.whl"))}
    paths = {pin.name: by_hash[digest] for pin in locked for digest in pin.hashes & by_hash.keys()}
    return paths if len(paths) == len(locked) else None


def _put(new: Path, folder: Path, locked: list[Pin]) -> None:
    """Moves the folder into the cache. A good one that is there stays: another process may read it."""
    try:
        new.rename(folder)  # which fails if one is there, whoever was faster by a moment
    except OSError:
        if _cached_wheels(folder, locked) is None:
            rmtree(folder, ignore_errors=True)
            with suppress(OSError):
                new.rename(folder)


def _download(folder: Path, platform: Platform, lock: Path, log: ProgressLog) -> None:
    options = [argument for tag in platform.tags for argument in ("--platform", tag)]
    command = [
        sys.executable, *PIP, *STRICT, "--python-version", platform.python, *options,
        "--dest", str(folder), "--requirement", str(folder / "requirements.txt"),
    ]  # fmt: skip
    log_file = folder / "log"
    with (
        log_file.open("wb") as output,
        subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT) as process,
    ):
        try:
            _watch(process, log_file, log)
        except BaseException:
            process.kill()
            raise
    if process.returncode:
        text = log_file.read_text(encoding="utf-8", errors="replace")
        raise Refused(f"the libraries of requirements/{lock.name} for {platform.name}: {_problem(text)}")


def _watch(process: "subprocess.Popen[bytes]", log_file: Path, log: ProgressLog) -> None:
    started, timeout = time.monotonic(), FIRST_PROGRESS_SECONDS
    while True:
        try:
            process.wait(timeout)
        except subprocess.TimeoutExpired:
            last = "".join(log_file.read_text(encoding="utf-8", errors="replace").splitlines()[-1:])
            log(f"  {time.monotonic() - started:4.0f} s  {last.partition(' (from')[0].strip()[:100]}")
            timeout = NEXT_PROGRESS_SECONDS
        else:
            return


def _problem(output: str) -> str:
    """The reason in pip's output, in one line."""
    if "DO NOT MATCH THE HASHES" in output:
        name = re.search(r"DO NOT MATCH THE HASHES.*?\n\s+(\S+)", output, re.DOTALL)
        return (
            f"{name[1] if name else 'one'} is another file than the one that is locked; "
            "if its release was replaced on purpose, make lock"
        )
    if missing := re.search(r"No matching distribution found for (\S+)", output):
        return (
            f"there is no wheel of {missing[1]}, or the index can't be reached; "
            "take another release into requirements/*.in and make lock, or see pip config list"
        )
    lines = output.strip().splitlines()
    errors = [line.strip() for line in lines if line.startswith("ERROR")] or lines[-1:]
    return f"pip fails: {errors[0] if errors else 'it says nothing'}"

"""`make package`: make the archives that a cloud's functions are deployed from, and print what is in them."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from components.azure.flex_package import flex
from components.gcp.source_package import source_archive
from components.packaging.archive import HALVES, MB, archive
from components.packaging.targets import LAMBDA
from function_code.errors import Refused

if TYPE_CHECKING:
    from components.packaging.archive import Archive
    from components.packaging.targets import Target

# The targets of each cloud by its processors; Google builds for itself.
CLOUDS: dict[str, dict[str, Target | None]] = {
    "aws": {**LAMBDA},
    "gcp": {"x86_64": None},
    "azure": {"x86_64": flex("FUNCTION")},
}


def main() -> int:
    """Print both archives; 2 if there is no such platform, 1 if one can't be made or is too big; 130 interrupted."""
    cloud = os.environ.get("SET_CLOUD", "")
    if cloud not in CLOUDS:
        return _fail(f"CLOUD={cloud} is none that archives are made for; there is CLOUD={', CLOUD='.join(CLOUDS)}", 2)
    targets = CLOUDS[cloud]
    architecture = os.environ.get("SET_ARCH") or next(iter(targets))
    if architecture not in targets:
        return _fail(f"ARCH={architecture} is no processor of {cloud}: {', '.join(targets)}", 2)
    try:
        for half in HALVES:
            target = targets[architecture]
            if target is None:
                print(text(source_archive(half)))
            else:
                made = archive(half, target, lambda line: print(line, file=sys.stderr, flush=True))
                print(text(made, target.limit))
    except Refused as problem:
        return _fail(str(problem), 1)
    except KeyboardInterrupt:
        return _fail("interrupted; nothing half-made is left", 130)
    return 0


def text(made: Archive, limit: int | None = None) -> str:
    """Describe the content of an archive, and its path; `limit` is the most bytes that it may unpack to."""
    width = max(map(len, made.parts))
    lines = [f"{made.half} for {made.target}"]
    lines += [f"  {name:{width}}  {size / MB:6.2f} MB" for name, size in made.parts.items()]
    lines += [f"  {'unpacked':{width}}  {made.unpacked / MB:6.2f} MB{_limit(limit)}"]
    lines += [f"  {'zip':{width}}  {made.packed / MB:6.2f} MB", f"  sha256 {made.sha256}", f"  {made.path}", ""]
    return "\n".join(lines)


def _limit(limit: int | None) -> str:
    return "" if limit is None else f" of at most {limit / MB:.2f}"


def _fail(problem: str, code: int) -> int:
    print(f"error: {problem}", file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())

"""`make package`: make the archives that a cloud's functions are deployed from, and print what is in them."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from components.azure.flex_package import flex
from components.gcp.source_package import make_source_archive
from components.packaging.archive import MB, limit, make_archive
from components.packaging.platforms import LAMBDA
from function_code.errors import Refused

if TYPE_CHECKING:
    from components.packaging.archive import Archive
    from components.packaging.platforms import Platform

# The platforms of each cloud by its processors; Google builds for itself.
CLOUDS: dict[str, dict[str, Platform | None]] = {
    "aws": {**LAMBDA},
    "gcp": {"x86_64": None},
    "azure": {"x86_64": flex("FUNCTION")},
}
PACKAGES = {
    "aws": ("serving", "training_code", "training_libraries"),
    "gcp": ("serving", "training"),
    "azure": ("serving", "training"),
}


def main() -> int:
    """Print the archives; 2 if there is no such platform, 1 if one can't be made or is too big; 130 interrupted."""
    cloud = os.environ.get("SET_CLOUD", "")
    if cloud not in CLOUDS:
        return _fail(f"CLOUD={cloud} is none that archives are made for; there is CLOUD={', CLOUD='.join(CLOUDS)}", 2)
    platforms = CLOUDS[cloud]
    architecture = os.environ.get("SET_ARCH") or next(iter(platforms))
    if architecture not in platforms:
        return _fail(f"ARCH={architecture} is no processor of {cloud}: {', '.join(platforms)}", 2)
    try:
        for package in PACKAGES[cloud]:
            platform = platforms[architecture]
            if platform is None:
                print(text(make_source_archive(package)))
            else:
                archive = make_archive(package, platform, lambda line: print(line, file=sys.stderr, flush=True))
                print(text(archive, limit(package, platform)))
    except Refused as problem:
        return _fail(str(problem), 1)
    except KeyboardInterrupt:
        return _fail("interrupted; nothing half-made is left", 130)
    return 0


def text(archive: Archive, most: int | None = None) -> str:
    """Describes an archive's contents and its place; `most` is the most bytes that it may unpack to."""
    width = max(map(len, archive.parts))
    lines = [f"{archive.package} for {archive.platform}"]
    lines += [f"  {name:{width}}  {size / MB:6.2f} MB" for name, size in archive.parts.items()]
    lines += [f"  {'unpacked':{width}}  {archive.unpacked / MB:6.2f} MB{_limit(most)}"]
    lines += [
        f"  {'zip':{width}}  {archive.packed / MB:6.2f} MB",
        f"  sha256 {archive.sha256}",
        f"  {archive.path}",
        "",
    ]
    return "\n".join(lines)


def _limit(most: int | None) -> str:
    return "" if most is None else f" of at most {most / MB:.2f}"


def _fail(problem: str, code: int) -> int:
    print(f"error: {problem}", file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())

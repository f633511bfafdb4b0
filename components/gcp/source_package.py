"""The source that a function of Google Cloud is built from: our code, main.py, and the locked list of its libraries.

It is the same for the same code and lock, byte by byte, and lies in the cache of components.packaging.archive.
"""

from dataclasses import replace

from components.packaging import source_files
from components.packaging.archive import CODE, Archive, cache
from components.packaging.deterministic_zip import stored, write
from components.packaging.wheels import unfinished

# The function that Google's runtime looks for in main.py, by package; "starting" starts a training from an image.
ENTRY_POINTS = {"serving": "predict", "training": "train", "starting": "start"}
MODULES = {"serving": "predict", "training": "train", "starting": "start_job"}
FILES = {
    "serving": source_files.serving_files,
    "training": source_files.sources,
    "starting": source_files.starting_files,
}


def make_source_archive(package: str) -> Archive:
    """Makes the archive of a package, "serving", "training" or "starting". Raises Refused if there is no cache."""
    module, entry_point = MODULES[package], ENTRY_POINTS[package]
    main = f"from function_code.entrypoints.gcp.{module} import {entry_point} as {entry_point}\n"
    lock = source_files.ROOT / "requirements" / f"gcp_{package}.txt"
    contents = {"main.py": stored(main.encode()), "requirements.txt": stored(lock.read_bytes())}
    for file in FILES[package]():
        contents[file.relative_to(source_files.ROOT).as_posix()] = stored(file.read_bytes())
    parts = {name: member.size for name, member in contents.items() if "/" not in name}
    parts[CODE] = sum(member.size for member in contents.values()) - sum(parts.values())
    with unfinished(cache() / f"{package}-source") as folder:
        new = folder / "archive"
        write(new, sorted(contents.items()))
        archive = Archive(
            path="",
            package=package,
            platform="google",
            sha256=source_files.file_digest(new),
            packed=new.stat().st_size,
            parts=dict(sorted(parts.items(), key=lambda part: -part[1])),
        )
        path = cache() / archive.object_name
        new.replace(path)
    return replace(archive, path=str(path))

"""What a function of Google Cloud is built from: our code, main.py, and the locked list that Google's builder installs.

The same for the same code and lock, byte by byte, as the archives of components.packaging.archive are, in whose cache
it is.
"""

from dataclasses import replace

from components.packaging import source_files
from components.packaging.archive import CODE, HALVES, Archive, cache
from components.packaging.deterministic_zip import stored, write
from components.packaging.wheels import unfinished

RUNTIME = "python3.13"
# What Google's runtime looks for in main.py, by half; beside them, what starts a training that runs from an image.
ENTRY_POINTS = {"serving": "predict", "training": "train", "starting": "start"}
MODULES = {"serving": "predict", "training": "train", "starting": "start_job"}
FILES = {**HALVES, "starting": source_files.starting_files}


def source_archive(half: str) -> Archive:
    """The archive of a half, "serving" or "training", or "starting". Raises Refused if there is nowhere to keep it."""
    main = f"from function_code.entrypoints.gcp.{MODULES[half]} import {ENTRY_POINTS[half]} as {ENTRY_POINTS[half]}\n"
    lock = source_files.ROOT / "requirements" / f"gcp_{half}.txt"
    contents = {"main.py": stored(main.encode()), "requirements.txt": stored(lock.read_bytes())}
    for file in FILES[half]():
        contents[file.relative_to(source_files.ROOT).as_posix()] = stored(file.read_bytes())
    parts = {name: member.size for name, member in contents.items() if "/" not in name}
    parts[CODE] = sum(member.size for member in contents.values()) - sum(parts.values())
    with unfinished(cache() / f"{half}-source") as folder:
        new = folder / "archive"
        write(new, sorted(contents.items()))
        made = Archive(
            path="",
            half=half,
            target=f"google-{RUNTIME}",
            sha256=source_files.file_digest(new),
            packed=new.stat().st_size,
            parts=dict(sorted(parts.items(), key=lambda part: -part[1])),
        )
        path = cache() / made.object_name
        new.replace(path)
    return replace(made, path=str(path))

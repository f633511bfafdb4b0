"""The libraries of a training that a function's archive has no room for: an object in the store, unpacked to its disk.

The variable LIBRARIES is the object's key, which ends in `-SHA256.zip`: the digest comes with the deployment, and what
has another one is not unpacked. A function from an image has its libraries, and no such variable.
"""

import os
import shutil
import sys
import tempfile
import time
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

from function_code.entrypoints.json_log import Log
from function_code.errors import NotFound, Unreachable
from function_code.store import Store

PREFIX = "serverless-ml-libraries-"  # of the names of folders in the temporary one

_imported = set[str]()  # keys of the objects whose libraries this process can import


def add_libraries(store: Store, log: Log, request_id: str) -> None:
    """Lets this process import the libraries, once; `log` gets the seconds that it took.

    Raises Unreachable if the object is not there, or is not the one that was deployed.
    """
    key = os.environ.get("LIBRARIES", "")
    if not key or key in _imported:
        return
    started = time.monotonic()
    data = _download(store, key)
    downloaded = time.monotonic()
    _delete_leftovers()
    # Ours alone and new, so that nobody else's module can be in it; and imported from only when it is complete.
    folder = tempfile.mkdtemp(prefix=PREFIX)
    with ZipFile(BytesIO(data)) as archive:
        archive.extractall(folder)
    sys.path.insert(0, folder)  # before those of Lambda's own, which are of other releases
    sys.dont_write_bytecode = True  # no other process will read it
    _imported.add(key)
    log.write(
        {
            "event": "libraries",
            "bytes": len(data),
            "download_seconds": round(downloaded - started, 2),
            "unpack_seconds": round(time.monotonic() - downloaded, 2),
            "request_id": request_id,
        }
    )


def _download(store: Store, key: str) -> bytes:
    try:
        data = store.get(key)
    except NotFound:
        problem = "are not there"
    else:
        if key.endswith(f"-{sha256(data).hexdigest()}.zip"):
            return data
        problem = "are not those that were deployed; delete them"
    raise Unreachable(f"the libraries, {key} in {store.url}, {problem}: `pulumi up --refresh` uploads them again")


def _delete_leftovers() -> None:
    """Deletes the folders of processes that broke off: the next one has the same disk."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        shutil.rmtree(folder, ignore_errors=True)

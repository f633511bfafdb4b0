"""Objects in a bucket, a container or a directory, all through obstore.

Keys are `/`-separated text. Conditional writes are what keeps two writers from losing each other's change: `create`
writes only what is not there, `replace` only over the exact object that was read.
"""

from __future__ import annotations

import os

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError, NotSupportedError, PreconditionError
from obstore.store import LocalStore, from_url

from function_code.errors import Conflict, NotFound, Refused, Unreachable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from typing import Literal, TypeVar

    from obstore import UpdateVersion
    from obstore.store import ClientConfig, ObjectStore

    from function_code.streams import ObjectReader, ObjectWriter

    Answer = TypeVar("Answer")

# A store that fails fast is given up after some 15 seconds, where obstore would try for minutes.
MAX_RETRIES = 2
CONNECT_TIMEOUT, READ_TIMEOUT = "2s", "5s"  # for a connection, and for the next piece of an answer


class Store:
    """The objects under one URL: `s3://`, `gs://`, `memory:///`, `file:///` or the path of a directory.

    A container of Azure is `https://<account>.blob.core.windows.net/<container>`.

    `fail_fast` is for readers that somebody waits for: they fail soon if the store is away. Writers are to try longer.

    Every method raises Unreachable, with the URL in the text, when the storage cannot be reached or does not allow it.
    """

    def __init__(self, url: str, fail_fast: bool = False) -> None:
        self.url = url
        self._failure = ""  # of the last call
        self._directory = _directory_of(url)
        # Google's conditions are about an object's generation, which obstore calls its version.
        self._tag: Literal["version", "e_tag"] = "version" if url.startswith("gs://") else "e_tag"
        try:
            self._objects = LocalStore(self._directory, mkdir=True) if self._directory else _remote(url, fail_fast)
        except (BaseError, ValueError, OSError) as error:
            raise Refused(f"store {url!r} cannot be opened: {_first_line(error)}") from None

    def get(self, key: str) -> bytes:
        """The object's bytes. Raises NotFound."""
        return self.get_tagged(key)[0]

    def get_tagged(self, key: str) -> tuple[bytes, str]:
        """The object's bytes and the tag that `replace` wants. Raises NotFound."""
        result = self._call(key, lambda: obstore.get(self._objects, key))
        return bytes(result.bytes()), str(result.meta[self._tag])

    def fail_again(self) -> None:
        """Raises Unreachable if the last call did; for whoever can't wait a second time for a store that is away."""
        if self._failure:
            raise Unreachable(self._failure)

    def pieces(self, key: str, bounds: list[tuple[int, int]]) -> list[bytes]:
        """Pieces of the object, each by its start and its end. Raises NotFound."""
        starts, ends = zip(*bounds, strict=True)
        # Each by a request of its own, several at once: by default obstore would fetch what lies between, too.
        read = self._call(key, lambda: obstore.get_ranges(self._objects, key, starts=starts, ends=ends, coalesce=0))
        return list(map(bytes, read))

    def tag(self, key: str) -> str:
        """The tag that the object has now. Raises NotFound."""
        return str(self._call(key, lambda: obstore.head(self._objects, key))[self._tag])

    def reader(self, key: str) -> ObjectReader:
        """The object as a file to read, which asks for it piece by piece. Raises NotFound."""
        from function_code.streams import ObjectReader

        return ObjectReader(self._objects, key, lambda call: self._call(key, call))

    def writer(self, key: str) -> AbstractContextManager[ObjectWriter]:
        """A file to write the object to. It is there when the context ends, and not if that ends by an exception."""
        from function_code.streams import open_writer

        return open_writer(self._objects, key, lambda call: self._call(key, call))

    def exists(self, key: str) -> bool:
        """Says whether there is an object."""
        try:
            self.tag(key)
        except NotFound:
            return False
        return True

    def list(self, prefix: str) -> list[str]:
        """The keys under `prefix` (whole path segments), sorted."""
        return sorted(
            item["path"] for item in self._call(prefix, lambda: obstore.list(self._objects, prefix).collect())
        )

    def newest(self, prefix: str) -> str:
        """The key under `prefix` that was written last. Raises NotFound if there is none."""
        objects = self._call(prefix, lambda: obstore.list(self._objects, prefix).collect())
        if not objects:
            raise NotFound(f"there is nothing under {prefix} in {self.url}")
        return max(objects, key=lambda item: (item["last_modified"], item["path"]))["path"]

    def put(self, key: str, data: bytes) -> None:
        """Writes the object, over whatever was there; readers see the old or the new one, never a part."""
        self._call(key, lambda: obstore.put(self._objects, key, data))

    def put_file(self, key: str, path: str) -> None:
        """Streams a file into the object."""
        with open(path, "rb") as file:
            self._call(key, lambda: obstore.put(self._objects, key, file))

    def create(self, key: str, data: bytes) -> None:
        """Writes an object that is not there yet. Raises Conflict if it is."""
        self._call(key, lambda: obstore.put(self._objects, key, data, mode="create"))

    def replace(self, key: str, data: bytes, tag: str) -> None:
        """Writes over the object that `tag` was read with. Raises Conflict if it has changed since."""
        if self._directory:
            # A directory has no conditional overwrite; writers on one machine take turns by a lock instead.
            with _lock(self._directory):
                if self.tag(key) != tag:
                    raise Conflict(f"{key} in {self.url} was changed by somebody else")
                self.put(key, data)
        else:
            mode: UpdateVersion = {"version": tag} if self._tag == "version" else {"e_tag": tag}
            self._call(key, lambda: obstore.put(self._objects, key, data, mode=mode))

    def delete(self, key: str) -> None:
        """Deletes the object."""
        self._call(key, lambda: obstore.delete(self._objects, key))

    def _call(self, key: str, call: Callable[[], Answer]) -> Answer:
        failure = ""
        try:
            return call()
        except FileNotFoundError:
            raise NotFound(f"there is no {key} in {self.url}") from None
        except (AlreadyExistsError, PreconditionError):
            raise Conflict(f"{key} in {self.url} was written by somebody else") from None
        except NotSupportedError as error:
            raise Refused(f"{self.url} cannot do this: {_first_line(error)}") from None
        except (BaseError, OSError) as error:
            failure = f"{key} in {self.url}: {_first_line(error)}"
            raise Unreachable(failure) from None
        finally:
            self._failure = failure


def _remote(url: str, fail_fast: bool) -> ObjectStore:
    if not fail_fast:
        return from_url(url)
    # Options given here replace all those of the environment, of which this one is for servers on loopback.
    allow_http = "true" in [os.environ.get(f"{cloud}_ALLOW_HTTP") for cloud in ("AWS", "AZURE", "GOOGLE")]
    options: ClientConfig = {"connect_timeout": CONNECT_TIMEOUT, "read_timeout": READ_TIMEOUT, "allow_http": allow_http}
    return from_url(url, client_options=options, retry_config={"max_retries": MAX_RETRIES})


def _directory_of(url: str) -> str:
    """The directory that a path or a file URL names; nothing for any other URL."""
    if url.startswith("file://"):
        from urllib.parse import unquote

        return unquote(url.removeprefix("file://"))
    return "" if "://" in url else os.path.abspath(url)


def _lock(directory: str) -> AbstractContextManager[None]:
    # Imported here: reading, which is all that serving does, has no use for locks.
    import fcntl
    from contextlib import contextmanager

    @contextmanager
    def locked() -> Iterator[None]:
        with open(os.path.join(directory, ".lock"), "a") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    return locked()


def _first_line(error: Exception) -> str:
    """The first line of an error, without the Rust debug dump that obstore appends, and without the rest of any XML.

    S3 sends an expired token back in it.
    """
    line, _, xml = str(error).strip().replace("\ufeff", "").partition(": <?xml")
    code, message = (_between(xml, f"<{name}>", f"</{name}>") for name in ("Code", "Message"))
    return f"{code}: {message} ({line})" if code else line.split("\n", 1)[0]


def _between(text: str, start: str, end: str) -> str:
    return text.partition(start)[2].partition(end)[0]

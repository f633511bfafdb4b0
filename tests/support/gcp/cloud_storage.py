"""A stand-in of Cloud Storage's XML API, as far as function_code.store uses it, with generations and conditions.

https://cloud.google.com/storage/docs/xml-api/reference-headers has the headers.
"""

import hashlib
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

from tests.support.fault_proxy import POLL_SECONDS

BUCKET = "store"
MIN_PART_BYTES = 5 << 20  # of an upload in several parts, but for the last one


class Stored(NamedTuple):
    data: bytes
    generation: int
    written: float

    @property
    def headers(self) -> dict[str, str]:
        return {
            "ETag": f'"{hashlib.md5(self.data, usedforsecurity=False).hexdigest()}"',
            "x-goog-generation": str(self.generation),
            "Last-Modified": formatdate(self.written, usegmt=True),
        }


class _Api(BaseHTTPRequestHandler):
    server: "CloudStorage"
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        key, query = self._key_and_query()
        if not key:
            self._list(query.get("prefix", [""])[0])
        elif stored := self.server.objects.get(key):
            self._send_object(stored)
        else:
            self._refuse(404, "NoSuchKey", "The specified key does not exist.")

    do_HEAD = do_GET  # noqa: N815 - the server's names

    def do_PUT(self) -> None:
        key, query = self._key_and_query()
        data = self.rfile.read(int(self.headers["content-length"]))
        generation, before = self.headers.get("x-goog-if-generation-match"), self.server.objects.get(key)
        if "partNumber" in query:
            self.server.uploads[query["uploadId"][0]][int(query["partNumber"][0])] = data
            self._answer(200, b"", {"ETag": f'"{query["partNumber"][0]}"'})
        elif generation is not None and int(generation) != (before.generation if before else 0):
            self._refuse(412, "PreconditionFailed", "At least one of the pre-conditions you specified did not hold.")
        else:
            self._answer(200, b"", self.server.store(key, data).headers)

    def do_POST(self) -> None:
        """Begins an upload in several parts, or completes one."""
        key, query = self._key_and_query()
        self.rfile.read(int(self.headers["content-length"]))
        if "uploads" in query:
            upload = str(next(self.server.generations))
            self.server.uploads[upload] = {}
            kind, answer, headers = "InitiateMultipartUploadResult", f"<UploadId>{upload}</UploadId>", {}
        else:
            numbered = self.server.uploads.pop(query["uploadId"][0])
            parts = [numbered[number] for number in sorted(numbered)]
            if any(len(part) < MIN_PART_BYTES for part in parts[:-1]):
                self._refuse(400, "EntityTooSmall", "Your proposed upload is smaller than the minimum object size.")
                return
            stored = self.server.store(key, b"".join(parts))
            kind, headers = "CompleteMultipartUploadResult", stored.headers
            answer = f"<ETag>{escape(headers['ETag'])}</ETag>"
        text = f"<{kind}><Bucket>{BUCKET}</Bucket><Key>{escape(key)}</Key>{answer}</{kind}>"
        self._answer(200, text.encode(), headers)

    def do_DELETE(self) -> None:
        key, query = self._key_and_query()
        if "uploadId" in query:
            del self.server.uploads[query["uploadId"][0]]
        else:
            del self.server.objects[key]
        self._answer(204, b"", {})

    def _send_object(self, stored: Stored) -> None:
        """The object, or the bytes of it that were asked for."""
        begin, _, end = self.headers.get("range", "").removeprefix("bytes=").partition("-")
        if not begin:
            self._answer(200, stored.data, stored.headers)
            return
        part = stored.data[int(begin) : int(end) + 1 if end else None]
        content_range = f"bytes {begin}-{int(begin) + len(part) - 1}/{len(stored.data)}"
        self._answer(206, part, {**stored.headers, "Content-Range": content_range})

    def _key_and_query(self) -> tuple[str, dict[str, list[str]]]:
        parts = urlsplit(self.path)
        bucket, _, key = unquote(parts.path).lstrip("/").partition("/")
        assert bucket == BUCKET
        return key, parse_qs(parts.query, keep_blank_values=True)

    def _list(self, prefix: str) -> None:
        entries = [
            f"<Contents><Key>{escape(key)}</Key><Generation>{stored.generation}</Generation>"
            f"<LastModified>{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(stored.written))}."
            f"{int(stored.written * 1000) % 1000:03d}Z</LastModified>"
            f"<ETag>{escape(stored.headers['ETag'])}</ETag><Size>{len(stored.data)}</Size></Contents>"
            for key, stored in sorted(self.server.objects.items())
            if key.startswith(prefix)
        ]
        text = f"<ListBucketResult><Name>{BUCKET}</Name>{''.join(entries)}<IsTruncated>false</IsTruncated>"
        self._answer(200, f"{text}</ListBucketResult>".encode(), {"Content-Type": "application/xml"})

    def _refuse(self, status: int, code: str, message: str) -> None:
        self._answer(status, refusal(code, message), {"Content-Type": "application/xml; charset=UTF-8"})

    def _answer(self, status: int, data: bytes, headers: dict[str, str]) -> None:
        self.send_response_only(status)
        for name, value in {**headers, "Content-Length": str(len(data))}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        pass


def refusal(code: str, message: str) -> bytes:
    return (
        f"<?xml version='1.0' encoding='UTF-8'?><Error><Code>{code}</Code><Message>{message}</Message>"
        "<Details>the details</Details></Error>"
    ).encode()


class CloudStorage(ThreadingHTTPServer):
    """One bucket."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Api)
        self.objects: dict[str, Stored] = {}
        self.uploads: dict[str, dict[int, bytes]] = {}
        """Uploads in several parts that are not complete, with their parts by number."""
        self.generations = count(1_700_000_000_000_000)  # microseconds, as Google's are

    def store(self, key: str, data: bytes) -> Stored:
        """Puts an object there, over whatever there was."""
        self.objects[key] = stored = Stored(data, next(self.generations), time.time())
        return stored


@contextmanager
def serving() -> Iterator[str]:
    """The address of an empty bucket."""
    with CloudStorage() as server:
        threading.Thread(target=server.serve_forever, args=(POLL_SECONDS,), daemon=True).start()
        try:
            yield f"127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()

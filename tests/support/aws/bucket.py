"""A bucket on a server of the S3 protocol, behind a front that can take it away."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.fault_proxy import Front, fronting
from tests.support.s3_server import serving

# As S3 answers to credentials whose time is up.
EXPIRED = b"""<?xml version="1.0" encoding="UTF-8"?>
<Error><Code>ExpiredToken</Code><Message>The provided token has expired.</Message>
<Token-0>the token itself</Token-0><RequestId>4442587FB7D0A2F9</RequestId></Error>"""
# moto wants a signature, whoever made it.
SIGNED = {
    "authorization": "AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=a"
}


@contextmanager
def bucket(folder: Path) -> Iterator[tuple[Front, dict[str, str]]]:
    """The front, and the environment by which a client finds the bucket."""
    with serving(folder) as environment:
        behind = environment["AWS_ENDPOINT_URL"].removeprefix("http://")
        with fronting(behind, (400, EXPIRED)) as front:
            try:
                yield front, {**environment, "AWS_ENDPOINT_URL": f"http://127.0.0.1:{front.server_port}"}
            finally:
                # All servers of a process have the same objects.
                front.ask("POST", "/moto-api/reset", SIGNED)

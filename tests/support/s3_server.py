"""An S3-protocol server on loopback, whose bucket begins with the files of a folder."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

import boto3
from moto.server import ThreadedMotoServer

BUCKET = "store"


@contextmanager
def serving(folder: Path) -> Iterator[dict[str, str]]:
    """The files of a folder as the objects of a bucket; the environment by which every S3 client finds them."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    environment = {
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
        "AWS_ALLOW_HTTP": "true",
        "AWS_ACCESS_KEY_ID": "benchmark",
        "AWS_SECRET_ACCESS_KEY": "benchmark",
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    try:
        with patch.dict(os.environ, environment):
            client = boto3.client("s3")
        client.create_bucket(Bucket=BUCKET)
        for path in folder.rglob("*"):
            if path.is_file():
                client.upload_file(str(path), BUCKET, path.relative_to(folder).as_posix())
        yield environment
    finally:
        server.stop()

"""Our serving package, with the model read by open(). Arguments: store, request file."""

import os
import sys

from function_code.registry import Registry
from function_code.serving.app import App
from function_code.serving.http_messages import Request
from function_code.serving.model_cache import ModelCache


class Files:
    """The part of a store that the registry needs for reading."""

    def __init__(self, url: str) -> None:
        self.url = url

    def get(self, key: str) -> bytes:
        """The object's bytes."""
        with open(os.path.join(self.url, key), "rb") as file:
            return file.read()

    def get_tagged(self, key: str) -> tuple[bytes, str]:
        """The object's bytes and no tag: nobody writes here."""
        return self.get(key), ""


models = ModelCache(Registry(Files(sys.argv[1]), "model"))  # type: ignore[arg-type]
models.refresh()
with open(sys.argv[2], "rb") as file:
    request = Request("POST", "/predict", headers={"content-type": "application/json"}, body=file.read())
sys.stdout.write(App(models, "model").handle(request).body.decode())

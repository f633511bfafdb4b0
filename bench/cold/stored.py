"""Our serving package as the functions run it: the model comes by the store client. Arguments: store, request file."""

import sys

from function_code.registry import Registry
from function_code.serving.app import App
from function_code.serving.http_messages import Request
from function_code.serving.model_cache import ModelCache
from function_code.store import Store

models = ModelCache(Registry(Store(sys.argv[1]), "model"))
models.refresh()
with open(sys.argv[2], "rb") as file:
    request = Request("POST", "/predict", headers={"content-type": "application/json"}, body=file.read())
sys.stdout.write(App(models, "model").handle(request).body.decode())

"""Nothing but the JSON of a request and of an answer: what a process costs anyway. Arguments: store, request file."""

import json
import os
import sys

with open(sys.argv[2], encoding="utf-8") as file:
    request = json.loads(file.read())
prediction = {"label": 0, "probabilities": {"0": 0.5, "1": 0.5}}
answer = {
    "predictions": [prediction for _ in request["instances"]],
    "model": "model",
    "model_version": "none",
    "request_id": os.urandom(8).hex(),
}
sys.stdout.write(json.dumps(answer))

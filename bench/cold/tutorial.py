"""What every tutorial ships: joblib, pandas and scikit-learn in the function. Arguments: store, request file."""

import json
import os
import sys

import joblib
import pandas as pd

with open(os.path.join(sys.argv[1], "models/model/serving.json"), "rb") as file:
    version = json.load(file)["stable"]
pipeline = joblib.load(os.path.join(sys.argv[1], "models/model/versions", version, "pipeline.joblib"))
with open(sys.argv[2], encoding="utf-8") as file:
    request = json.loads(file.read())
predictions = [
    {
        "label": int(row.argmax()),
        "probabilities": {str(label): p for label, p in zip(pipeline.classes_, row, strict=True)},
    }
    for row in pipeline.predict_proba(pd.DataFrame(request["instances"]))
]
answer = {
    "predictions": predictions,
    "model": "model",
    "model_version": version,
    "request_id": os.urandom(8).hex(),
}
sys.stdout.write(json.dumps(answer))

"""A handler as tutorials have it: boto3, joblib, pandas, scikit-learn. Arguments: bucket, request file."""

import io
import json
import os
import sys

import boto3
import joblib
import pandas as pd

client = boto3.client("s3")


def read(key: str) -> bytes:
    """The object's bytes."""
    return bytes(client.get_object(Bucket=sys.argv[1].removeprefix("s3://"), Key=key)["Body"].read())


version = json.loads(read("models/model/serving.json"))["stable"]
pipeline = joblib.load(io.BytesIO(read(f"models/model/versions/{version}/pipeline.joblib")))
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

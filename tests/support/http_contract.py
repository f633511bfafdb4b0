"""Requests, and the statuses that every cloud's endpoint answers them with."""

from function_code.serving.app import MAX_BODY_BYTES

INSTANCE = '{"instances": [{"age": 1}]}'
# A method, a path, a body and headers; and the status of the answer.
CONTRACT: list[tuple[tuple[str, str, str | bytes, dict[str, str]], int]] = [
    (("GET", "/healthz", "", {}), 200),
    (("HEAD", "/healthz", "", {}), 200),
    (("GET", "/openapi.json", "", {}), 200),
    (("POST", "/v1/models/model%3Apredict", INSTANCE, {}), 200),
    (("POST", "/predict", INSTANCE.encode(), {}), 200),
    (("POST", "/predict", b"\xff\xfe", {}), 400),
    (("POST", "/predict", '{"instances": [{"age": "\ud800"}]}', {}), 400),
    (("POST", "/predict", "", {"content-type": "text/csv"}), 415),
    (("GET", "/predict", "", {}), 405),
    (("GET", "/nowhere", "", {}), 404),
    (("POST", "/predict", '{"instances": [{"agee": 1}]}', {}), 422),
    (("POST", "/predict", " " * (MAX_BODY_BYTES + 1), {}), 413),
]

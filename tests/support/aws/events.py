"""The events of AWS's documentation, with the parts that a test is about."""

import json
from base64 import b64encode
from pathlib import Path
from typing import Any

Event = dict[str, Any]


def literal(name: str) -> Event:
    event: Event = json.loads((Path(__file__).parent / "messages" / f"{name}.json").read_bytes())
    return event


def api_request(method: str, path: str, body: str | bytes = "", headers: dict[str, str] | None = None) -> Event:
    """A request by API Gateway; a body of bytes goes as it does with content that is not text."""
    event, (raw_path, _, query) = literal("predict"), path.partition("?")
    event |= {"rawPath": raw_path, "rawQueryString": query, "isBase64Encoded": isinstance(body, bytes)}
    event["body"] = b64encode(body).decode() if isinstance(body, bytes) else body
    event["headers"] |= headers or {}
    event["requestContext"]["http"] |= {"method": method, "path": raw_path}
    return event


def predict(instances: list[Any], path: str = "/predict") -> Event:
    return api_request("POST", path, json.dumps({"instances": instances}))


def queued(message: Any, message_id: str = "11d6ee51-4cc7-4302-9e22-7cd8afdaadf5") -> Event:
    """A message as the queue gives it to the function."""
    event = literal("queue")
    event["Records"][0] |= {
        "messageId": message_id,
        "body": message if isinstance(message, str) else json.dumps(message),
    }
    return event


def arrived(key: str, event_id: str = "17793124-05d4-b198-2fde-7ededc63b103", bucket: str = "store") -> Event:
    """The news of an object in the bucket, by EventBridge and the queue."""
    event = literal("object_created")
    event["id"] = event_id
    event["detail"]["object"]["key"] = key
    event["detail"]["bucket"]["name"] = bucket
    return queued(event)

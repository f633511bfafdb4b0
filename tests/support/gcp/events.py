"""The events of Google's documentation, with the parts that a test is about."""

import json
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple


class Event(NamedTuple):
    """An event as Eventarc sends it: a CloudEvent in binary mode."""

    headers: dict[str, str]
    body: str


def _event(name: str, event_id: str, message: dict[str, Any], hours_ago: float) -> Event:
    literal = json.loads((Path(__file__).parent / "messages" / f"{name}.json").read_bytes())
    literal["body"]["message"] |= {"messageId": event_id, "message_id": event_id, **message}
    published = datetime.now(UTC) - timedelta(hours=hours_ago)
    literal["headers"] |= {"ce-id": event_id, "ce-time": published.isoformat().replace("+00:00", "Z")}
    return Event(literal["headers"], json.dumps(literal["body"]))


def arrived(
    key: str, generation: int = 1, event_id: str = "13466290372218441", bucket: str = "store", hours_ago: float = 0
) -> Event:
    """The news of an object in the bucket, by a notification of Cloud Storage, the topic and Eventarc."""
    literal = json.loads((Path(__file__).parent / "messages" / "object_finalized.json").read_bytes())
    attributes = literal["body"]["message"]["attributes"]
    attributes |= {"objectId": key, "objectGeneration": str(generation), "bucketId": bucket}
    return _event("object_finalized", event_id, {"attributes": attributes}, hours_ago)


def published(message: Any, event_id: str = "23466290372218442") -> Event:
    """A message that somebody or Cloud Scheduler published."""
    data = message if isinstance(message, str) else json.dumps(message)
    return _event("published", event_id, {"data": b64encode(data.encode()).decode()}, 0)

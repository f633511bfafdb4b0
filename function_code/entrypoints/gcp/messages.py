"""What a message asks a training on Google Cloud for.

A message is one of

    what Cloud Storage says of an object that arrived    trains on that dataset, or scores that file
    {"retrain": true}                                    trains on the newest dataset
    {"dataset": "datasets/<model>/<file>"}               trains on this one
    {"score": "batch/<model>/in/<file>"}                 scores this file
    {"pull": true}                                       pulls from the source
"""

from base64 import b64decode
from typing import Any

from function_code.entrypoints.jobs import Order, arrived, decoded, ordered
from function_code.registry import Registry


class Asked:
    """A message of Pub/Sub, with its `attributes` and its `data`; `message_id` is the same if it comes again."""

    def __init__(self, message: dict[str, Any], message_id: str) -> None:
        self._message = message
        self._attributes: dict[str, str] = message.get("attributes") or {}
        self._is_news = self._attributes.get("eventType") == "OBJECT_FINALIZE"
        self.cause = message_id
        """The same if the same thing is asked for again."""
        if self._is_news:
            # Cloud Storage may tell of an object by two messages; a generation is there once.
            self.cause = "{bucketId}/{objectId}#{objectGeneration}".format_map(self._attributes)

    def order(self, registry: Registry) -> Order:
        """What is asked for. Raises Ended, or Refused if that is nothing."""
        if self._is_news:
            return arrived(f"gs://{self._attributes['bucketId']}", self._attributes["objectId"], registry)
        return ordered(decoded(b64decode(self._message.get("data") or "")), registry)

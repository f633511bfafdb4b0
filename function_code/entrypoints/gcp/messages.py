"""Messages of Pub/Sub as jobs of the function that trains on Google Cloud.

A message is one of

    a notification of Cloud Storage of a new object      trains on that dataset, or scores that file
    {"retrain": true}                                    trains on the newest dataset
    {"dataset": "datasets/<model>/<file>"}               trains on this one
    {"score": "batch/<model>/in/<file>"}                 scores this file
    {"pull": true}                                       pulls from the source
"""

from base64 import b64decode
from typing import Any

from function_code.entrypoints.jobs import Job, job_of_upload, parse_job, parse_json
from function_code.registry import Registry


class QueueMessage:
    """A message of Pub/Sub, with its `attributes` and its `data`; `message_id` is the same if it comes again."""

    def __init__(self, message: dict[str, Any], message_id: str) -> None:
        self._message = message
        self._attributes: dict[str, str] = message.get("attributes") or {}
        self._is_upload = self._attributes.get("eventType") == "OBJECT_FINALIZE"
        self.idempotency_key = message_id
        """An id that is the same if the same job comes again."""
        if self._is_upload:
            # Cloud Storage may tell of an object by two messages; a generation is there once.
            self.idempotency_key = "{bucketId}/{objectId}#{objectGeneration}".format_map(self._attributes)

    def job(self, registry: Registry) -> Job:
        """The job that the message asks for. Raises JobDropped, or Refused if it asks for none."""
        if self._is_upload:
            return job_of_upload(f"gs://{self._attributes['bucketId']}", self._attributes["objectId"], registry)
        return parse_job(parse_json(b64decode(self._message.get("data") or "")), registry)

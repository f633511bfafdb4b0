"""A training as an AWS Lambda function, started by messages of an SQS queue one by one: handler `train`.

A message's body is one of

    the event "Object Created" of S3, as EventBridge sends it    trains on that dataset, or scores that file
    {"retrain": true}                                            trains on the newest dataset
    {"dataset": "datasets/<model>/<file>"}                       trains on this one
    {"score": "batch/<model>/in/<file>"}                         scores this file
    {"pull": true}                                               pulls from the source

What is raised makes the queue give the message again and, in the end, to its dead letters.
"""

from typing import Any
from urllib.parse import unquote_plus

from function_code.entrypoints.jobs import Order, arrived, as_stored, decoded, ordered
from function_code.entrypoints.run_job import carry_out
from function_code.errors import Refused
from function_code.registry import Registry


def train(event: dict[str, Any], context: Any) -> None:
    """Trains as a message asks. Raises whatever another try may mend."""
    message, cause = _message(event)
    seconds_left = context.get_remaining_time_in_millis() / 1000
    carry_out(cause, lambda registry: _asked(message, registry), seconds_left, context.aws_request_id)


def _message(event: dict[str, Any]) -> tuple[Any, str]:
    """What is asked for, and an id that is the same if the same thing comes again. What is not JSON stays a text.

    An event that is no queue's is a message itself: somebody invokes the function by hand.
    """
    if "Records" not in event:
        return event, str(event.get("id", ""))
    (record,) = event["Records"]
    try:
        message = decoded(record["body"])
    except Refused:
        message = record["body"]
    given = message.get("id") if isinstance(message, dict) else None
    return message, str(given or record["messageId"])


def _asked(message: Any, registry: Registry) -> Order:
    """Raises Ended, or Refused if the message asks for nothing."""
    match message:
        case {"detail-type": "Object Created", "detail": {"bucket": {"name": bucket}, "object": {"key": str(key)}}}:
            return arrived(f"s3://{bucket}", as_stored(key, unquote_plus(key), registry.store), registry)
        case str():
            decoded(message)
    return ordered(message, registry)

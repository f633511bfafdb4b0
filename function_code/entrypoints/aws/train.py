"""A training as an AWS Lambda function, started by messages of an SQS queue one by one: handler `train`.

A message's body is one of

    the event "Object Created" of S3, as EventBridge sends it    trains on that dataset, or scores that file
    {"retrain": true}                                            trains on the newest dataset
    {"dataset": "datasets/<model>/<file>"}                       trains on this one
    {"score": "batch/<model>/in/<file>"}                         scores this file
    {"pull": true}                                               pulls from the source

What is raised makes the queue give the message again and, in the end, to its dead letters. The first job of a process
waits for its libraries.
"""

from typing import Any
from urllib.parse import unquote_plus

from function_code.entrypoints.aws.libraries import add_libraries
from function_code.entrypoints.jobs import Job, job_of_upload, parse_job, parse_json, stored_key
from function_code.entrypoints.json_log import Log
from function_code.entrypoints.run_job import STDOUT, run_job
from function_code.errors import Refused
from function_code.registry import Registry


def train(event: dict[str, Any], context: Any) -> None:
    """Trains as a message asks. Raises whatever another try may mend."""
    message, idempotency_key = _message(event)
    seconds_left = context.get_remaining_time_in_millis() / 1000
    log = Log(STDOUT)

    def prepare(registry: Registry) -> Job:
        job = _job(message, registry)
        add_libraries(registry.store, log, context.aws_request_id)
        return job

    run_job(idempotency_key, prepare, seconds_left, context.aws_request_id, log)


def _message(event: dict[str, Any]) -> tuple[Any, str]:
    """The message of an event, and an id that is the same if the same job comes again. What is not JSON stays a text.

    An event that is no queue's is a message itself: somebody invokes the function by hand.
    """
    if "Records" not in event:
        return event, str(event.get("id", ""))
    (record,) = event["Records"]
    try:
        message = parse_json(record["body"])
    except Refused:
        message = record["body"]
    event_id = message.get("id") if isinstance(message, dict) else None
    return message, str(event_id or record["messageId"])


def _job(message: Any, registry: Registry) -> Job:
    """The job that a message asks for. Raises JobDropped, or Refused if it asks for none."""
    match message:
        case {"detail-type": "Object Created", "detail": {"bucket": {"name": bucket}, "object": {"key": str(key)}}}:
            return job_of_upload(f"s3://{bucket}", stored_key(key, unquote_plus(key), registry.store), registry)
        case str():
            parse_json(message)
    return parse_job(message, registry)

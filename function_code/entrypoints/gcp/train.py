"""A training as a function of Google Cloud, started by Eventarc with messages of a Pub/Sub topic: entry point `train`.

The messages are those of function_code.entrypoints.gcp.messages. Beside what run_job reads, the environment says how
many SECONDS a training may take. What is raised makes Eventarc send the message again, later and later, for a day.
After MAX_AGE_SECONDS that ends here.
"""

import os
import time
from datetime import datetime

import functions_framework
from cloudevents.http import CloudEvent

from function_code.entrypoints.gcp.messages import QueueMessage
from function_code.entrypoints.jobs import Job, JobDropped
from function_code.entrypoints.run_job import run_job
from function_code.registry import Registry

MAX_AGE_SECONDS = 3 * 3600  # a failure that lasts is a person's to mend, and each try costs


@functions_framework.cloud_event
def train(event: CloudEvent) -> None:
    """Trains as a message asks. Raises whatever another try may mend."""
    message = QueueMessage(event.data["message"], str(event["id"]))
    age = time.time() - datetime.fromisoformat(event["time"]).timestamp()

    def parse(registry: Registry) -> Job:
        if age > MAX_AGE_SECONDS:
            raise JobDropped(f"it was asked for {age / 3600:.1f} hours ago and not done since", "dead")
        return message.job(registry)

    run_job(message.idempotency_key, parse, float(os.environ["SECONDS"]), str(event["id"]))

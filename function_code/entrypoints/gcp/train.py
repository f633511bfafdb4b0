"""A training as a function of Google Cloud, started by Eventarc with messages of a Pub/Sub topic: entry point `train`.

What a message may ask is in function_code.entrypoints.gcp.messages. Beside what run_job reads, the
environment says how many SECONDS a training may take. What is raised makes Eventarc send the message again, later and
later, for a day. After MOST_AGE that ends here.
"""

import os
import time
from datetime import datetime

import functions_framework
from cloudevents.http import CloudEvent

from function_code.entrypoints.gcp.messages import Asked
from function_code.entrypoints.jobs import Ended, Order
from function_code.entrypoints.run_job import carry_out
from function_code.registry import Registry

MOST_AGE = 3 * 3600  # seconds: a failure that lasts is a person's to mend, and each try costs


@functions_framework.cloud_event
def train(event: CloudEvent) -> None:
    """Trains as a message asks. Raises whatever another try may mend."""
    asked = Asked(event.data["message"], str(event["id"]))
    age = time.time() - datetime.fromisoformat(event["time"]).timestamp()

    def order(registry: Registry) -> Order:
        if age > MOST_AGE:
            raise Ended(f"it was asked for {age / 3600:.1f} hours ago and not done since", "dead")
        return asked.order(registry)

    carry_out(asked.cause, order, float(os.environ["SECONDS"]), str(event["id"]))

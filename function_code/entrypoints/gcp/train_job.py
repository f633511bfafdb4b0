"""A training as a job of Cloud Run, from a container image: `python -m function_code.entrypoints.gcp.train_job`.

Beside what function_code.entrypoints.run_job reads, the environment says how many SECONDS a training may take, and in
MESSAGE, as JSON, which message of Pub/Sub asked for it (function_code.entrypoints.gcp.messages). What is raised ends
the process by 1, and Cloud Run tries again as often as the job says.
"""

import json
import os

from function_code.entrypoints.gcp.messages import QueueMessage
from function_code.entrypoints.run_job import run_job


def main() -> None:
    """Trains as the message asks. Raises whatever another try may mend."""
    message = json.loads(os.environ["MESSAGE"])
    # Whoever executes the job by hand brings no message.
    message_id = message.get("messageId") or os.environ["CLOUD_RUN_EXECUTION"]
    queue_message = QueueMessage(message, message_id)
    run_job(queue_message.idempotency_key, queue_message.job, float(os.environ["SECONDS"]), message_id)


if __name__ == "__main__":
    main()

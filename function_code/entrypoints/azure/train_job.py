"""A training as a job of Container Apps, from a container image: `python -m function_code.entrypoints.azure.train_job`.

It takes one message of a storage queue (function_code.entrypoints.azure.messages), which others do not see for as long
as a training may last. What failed comes again after a pause; after the last try, or if that broke off, it goes to the
queue of poison. With the argument `enqueue` it puts a message into the queue instead, as a schedule does.

Beside what function_code.entrypoints.run_job reads, the environment says the URL of the QUEUE, how many
SECONDS a training may take and, to enqueue, the MESSAGE. What is raised ends the process by 1.
"""

import os
import sys

from function_code.entrypoints.azure.messages import QueueMessage
from function_code.entrypoints.azure.queue import Message, Queue
from function_code.entrypoints.azure.queue_retries import MAX_TRIES, RETRY_PAUSE_SECONDS
from function_code.entrypoints.run_job import run_job

MARGIN_SECONDS = 300  # until what ran out of time is gone


def main() -> None:
    """Trains as the next message asks, if there is one. Raises whatever another try may mend."""
    queue = Queue(os.environ["QUEUE"])
    if sys.argv[1:] == ["enqueue"]:
        queue.put(os.environ["MESSAGE"])
        return
    seconds = int(os.environ["SECONDS"])
    message = queue.take(seconds + MARGIN_SECONDS)
    if message:
        _train(queue, message, seconds)


def _train(queue: Queue, message: Message, seconds: int) -> None:
    queue_message, execution = QueueMessage(message.text, message.id), os.environ["CONTAINER_APP_JOB_EXECUTION_NAME"]
    if message.tries > MAX_TRIES:  # the last one broke off, and could not say so itself
        _bury(queue, message, queue_message, execution)
        return
    try:
        run_job(queue_message.idempotency_key, queue_message.job, seconds, execution)
    except Exception:
        if message.tries < MAX_TRIES:
            queue.hide(message, RETRY_PAUSE_SECONDS)
        else:
            _bury(queue, message, queue_message, execution)
        raise
    queue.delete(message)


def _bury(queue: Queue, message: Message, queue_message: QueueMessage, execution: str) -> None:
    run_job(queue_message.idempotency_key, queue_message.bury, 0, execution)
    Queue(f"{os.environ['QUEUE']}-poison").put(message.text)
    queue.delete(message)


if __name__ == "__main__":
    main()

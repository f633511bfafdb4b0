"""Trainings as functions of Azure, started by messages of a storage queue one by one: `trainings`.

Beside what function_code.entrypoints.run_job reads, the environment says the name of the QUEUE, how many SECONDS a
training may take, and, if it is to enqueue by a schedule, the SCHEDULE and the MESSAGE. What is raised makes the host
give the message again and, in the end, to the queue of poison, of which nothing but a line in the log is made. The
messages are those of function_code.entrypoints.azure.messages.
"""

import os

import azure.functions as func

from function_code.entrypoints.azure.log import HostLog
from function_code.entrypoints.azure.messages import QueueMessage
from function_code.entrypoints.run_job import run_job

HOST = "AzureWebJobsStorage"  # the settings by which the host itself finds the queue

_log = HostLog()


def trainings() -> func.FunctionApp:
    """The app, with a function for the queue, one for its poison, and one for the schedule if there is one."""
    app = func.FunctionApp()
    app.queue_trigger(arg_name="message", queue_name="%QUEUE%", connection=HOST)(train)
    app.queue_trigger(arg_name="message", queue_name="%QUEUE%-poison", connection=HOST)(bury)
    if os.environ.get("SCHEDULE"):
        into_queue = app.queue_output(arg_name="message", queue_name="%QUEUE%", connection=HOST)
        app.timer_trigger(arg_name="timer", schedule="%SCHEDULE%")(into_queue(enqueue))
    return app


def train(message: func.QueueMessage, context: func.Context) -> None:
    """Trains as a message asks. Raises whatever another try may mend."""
    queue_message = _read(message)
    run_job(queue_message.idempotency_key, queue_message.job, float(os.environ["SECONDS"]), context.invocation_id, _log)


def bury(message: func.QueueMessage, context: func.Context) -> None:
    """Logs that a message failed again and again; a training that broke off could not log it itself."""
    queue_message = _read(message)
    run_job(queue_message.idempotency_key, queue_message.bury, 0, context.invocation_id, _log)


def enqueue(timer: func.TimerRequest, message: func.Out[str]) -> None:  # noqa: ARG001 - it is time, and that is all
    """Puts the message of the schedule into the queue, so that it waits its turn."""
    message.set(os.environ["MESSAGE"])


def _read(message: func.QueueMessage) -> QueueMessage:
    return QueueMessage(message.get_body().decode("utf-8", "replace"), str(message.id))

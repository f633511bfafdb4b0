"""Retries of a message in the queue of trainings: the host's own in a function (host.json), ours in a container job."""

MAX_TRIES = 3  # to train on a message, before it is poison
RETRY_PAUSE_SECONDS = 300  # between two of them

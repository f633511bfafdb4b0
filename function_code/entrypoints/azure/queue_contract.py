"""Terms of the queue of trainings, which the deployment and the functions have to agree on."""

from base64 import b64encode

MAX_TRIES = 3  # to train on a message, before it is poison
RETRY_PAUSE_SECONDS = 300  # between two of them


def message_body(text: str) -> bytes:
    """A message as it is put into a queue: in base64, as a Queue takes it."""
    encoded = b64encode(text.encode()).decode()
    return f"<QueueMessage><MessageText>{encoded}</MessageText></QueueMessage>".encode()

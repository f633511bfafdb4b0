"""Says how far a training is."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Say = Callable[[str], None]

EVERY = 5.0  # seconds between two lines on how far it is


@contextmanager
def working(what: str, say: Say) -> Iterator[None]:
    """Says what is going on, and how long it has been, as long as it takes."""
    say(what)
    started, done = time.monotonic(), threading.Event()

    def tell() -> None:
        while not done.wait(EVERY):
            say(f"  {what}: {time.monotonic() - started:.0f} s")

    teller = threading.Thread(target=tell, daemon=True)
    teller.start()
    try:
        yield
    finally:
        done.set()
        teller.join()

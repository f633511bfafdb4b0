"""Log lines on how far a long step is."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

ProgressLog = Callable[[str], None]

LOG_INTERVAL_SECONDS = 5.0


@contextmanager
def log_progress(step: str, log: ProgressLog) -> Iterator[None]:
    """Logs the step, and again and again how long it has been running, until the context ends."""
    log(step)
    started, done = time.monotonic(), threading.Event()

    def log_elapsed() -> None:
        while not done.wait(LOG_INTERVAL_SECONDS):
            log(f"  {step}: {time.monotonic() - started:.0f} s")

    thread = threading.Thread(target=log_elapsed, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()

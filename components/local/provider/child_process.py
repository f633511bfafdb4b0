"""A process of function_code that ends with its parent: `python -m components.local.provider.child_process ARGUMENTS`.

The starter holds the other end of standard input and writes nothing. When it closes that end, or when it is gone, be it
by kill -9, this process gets a Ctrl-C, and a few seconds later, if it has not heard that, it is killed.
"""

import os
import runpy
import signal
import threading
import time

STOP_SECONDS = 5.0


def _stop_with_parent() -> None:
    os.read(0, 1)
    os.kill(os.getpid(), signal.SIGINT)
    time.sleep(STOP_SECONDS)
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    # Whoever was started in the background inherits a deaf ear.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    threading.Thread(target=_stop_with_parent, daemon=True).start()
    runpy.run_module("function_code", run_name="__main__", alter_sys=True)

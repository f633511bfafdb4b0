"""The provider's process, started by the engine: `python -m components.local.provider ENGINE_ADDRESS`."""

import os
import stat
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import grpc
from pulumi.runtime.proto import engine_pb2_grpc, provider_pb2_grpc

from components.local.provider.servicer import Servicer

THREADS = 32  # more than a stack has resources, so that Cancel always finds one
STOP_SECONDS = 15.0  # for what is under way to stop cleanly


def _stop_with_engine() -> None:
    """Ends this process after the engine: one that was killed, or whose terminal was closed, tells nobody."""
    while os.read(0, 1024):
        pass
    servicer.cancel()
    server.stop(STOP_SECONDS)


server = grpc.server(ThreadPoolExecutor(THREADS))
servicer = Servicer(engine_pb2_grpc.EngineStub(grpc.insecure_channel(sys.argv[1])))
provider_pb2_grpc.add_ResourceProviderServicer_to_server(servicer, server)
port = server.add_insecure_port("127.0.0.1:0")
server.start()
print(port, flush=True)  # how the engine learns where to call
if stat.S_ISFIFO(os.fstat(0).st_mode):  # the engine holds the other end for as long as it lives
    threading.Thread(target=_stop_with_engine, daemon=True).start()
server.wait_for_termination()

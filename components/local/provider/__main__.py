"""The provider's process, started by the engine: `python -m components.local.provider ENGINE_ADDRESS`."""

import sys
from concurrent.futures import ThreadPoolExecutor

import grpc
from pulumi.runtime.proto import engine_pb2_grpc, provider_pb2_grpc

from components.local.provider.servicer import Servicer

THREADS = 32  # more than a stack has resources, so that Cancel always finds one

server = grpc.server(ThreadPoolExecutor(THREADS))
servicer = Servicer(engine_pb2_grpc.EngineStub(grpc.insecure_channel(sys.argv[1])))
provider_pb2_grpc.add_ResourceProviderServicer_to_server(servicer, server)
port = server.add_insecure_port("127.0.0.1:0")
server.start()
print(port, flush=True)  # how the engine learns where to call
server.wait_for_termination()

"""A proxy that does not lead to the servers of HTTPS that are asked for, but plays them itself."""

import ssl
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import trustme

PROXY_ONLY = "127.0.0.1,localhost"  # who is not asked through it


class Played(BaseHTTPRequestHandler):
    """Answers for the server called `host`; what it answers is its `do_GET` and so on."""

    server: "Proxy"
    protocol_version = "HTTP/1.1"

    def do_CONNECT(self) -> None:
        host, _, _ = self.path.partition(":")
        assert host.endswith(self.server.hosts), host
        self.send_response_only(200)
        self.end_headers()
        self.wfile.flush()
        with self.server.context(host).wrap_socket(self.connection, server_side=True) as safe:
            self.connection = safe
            self.rfile, self.wfile, self.host = safe.makefile("rb"), safe.makefile("wb"), host
            self.close_connection = False
            while not self.close_connection:
                self.handle_one_request()
        self.close_connection = True

    def log_message(self, *_: object) -> None:
        pass


class Proxy(ThreadingHTTPServer):
    """Plays servers whose names end in one of `hosts`; the `environment` of a program makes it ask here."""

    daemon_threads = True

    def __init__(self, handler: Any, hosts: tuple[str, ...], folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), handler)
        self.hosts, self._ca = hosts, trustme.CA()
        authority = folder / "authority.pem"
        self._ca.cert_pem.write_to_path(str(authority))
        proxy = f"http://127.0.0.1:{self.server_port}"
        self.environment = {
            "HTTPS_PROXY": proxy, "https_proxy": proxy, "NO_PROXY": PROXY_ONLY, "no_proxy": PROXY_ONLY,
            "SSL_CERT_FILE": str(authority),
        }  # fmt: skip

    def context(self, host: str) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._ca.issue_cert(host).configure_cert(context)
        return context

    def handle_error(self, *_: object) -> None:
        """Ignores clients that leave once they have their answer."""

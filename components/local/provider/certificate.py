"""The endpoint's TLS certificate, from a certificate authority of the stack's own."""

import datetime as dt
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from components.local.provider.files import home_of, private_folder, read_private, remove, write_private
from components.local.provider.resource_kind import ResourceKind, Run
from components.local.provider.values import UNKNOWN, Values

if TYPE_CHECKING:
    import trustme

NAMES = ("localhost", "127.0.0.1", "::1")
VALID_DAYS = 397  # the longest that clients accept
RENEWAL_DAYS = 30  # before it expires


class Certificate(ResourceKind):
    """`ca.pem` for the callers and `tls/` for the server. Inputs: folder. Outputs: authority, server, expires.

    `authority` and `server` are the sha256 of the files that callers and server read. The authority stays as long as
    its own file is sound: the copies of ca.pem which callers have go on working when the server's is renewed.
    """

    def drifted_outputs(self, old: Values) -> list[str]:
        authority, server = (_digest(path) for path in _files(old["folder"])[:2])
        soon = dt.datetime.now(dt.UTC) + dt.timedelta(days=RENEWAL_DAYS) > dt.datetime.fromisoformat(old["expires"])
        digests = {"authority": authority, "server": "" if soon else server}
        damaged = [name for name, digest in digests.items() if digest != old[name]]
        # Without its key the authority could not renew; better to see that now.
        return damaged or ([] if read_private(_files(old["folder"])[2]) else ["authority"])

    def preview(self, old: Values, new: Values) -> Values:
        return dict.fromkeys(("authority", "server", "expires"), UNKNOWN)

    def create(self, new: Values, run: Run) -> Values:
        private_folder(home_of(new["folder"]) / "tls")
        public, server, private = _files(new["folder"])
        authority = _authority(private)
        expires = dt.datetime.now(dt.UTC).replace(microsecond=0) + dt.timedelta(days=VALID_DAYS)
        # trustme takes naive times for UTC, and dates back its certificates by years: clocks may differ.
        issued = authority.issue_cert(*NAMES, not_after=expires.replace(tzinfo=None))
        write_private(public, authority.cert_pem.bytes())
        write_private(server, issued.private_key_and_cert_chain_pem.bytes())
        return {"authority": _digest(public), "server": _digest(server), "expires": expires.isoformat()}

    def delete(self, old: Values) -> None:
        remove(*_files(old["folder"]), home_of(old["folder"]) / "tls")


def server_file(folder: str) -> Path:
    """The PEM file with the server's private key and chain."""
    return _files(folder)[1]


def _files(folder: str) -> tuple[Path, Path, Path]:
    home = home_of(folder)
    return home / "ca.pem", home / "tls" / "server.pem", home / "tls" / "authority.pem"


def _digest(path: Path) -> str:
    content = read_private(path)
    return sha256(content).hexdigest() if content else ""


def _authority(path: Path) -> "trustme.CA":
    """The authority in a file of key and certificate, or a new one if that is missing, damaged or mismatched."""
    import ssl

    import trustme

    content = read_private(path)
    try:
        # OpenSSL is the judge of whether the key belongs to the certificate.
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(path)
        return trustme.CA.from_pem(content[content.index(b"-----BEGIN CERT") :], content)
    except (OSError, ValueError):
        authority = trustme.CA(organization_name="serverless-ml, this machine only")
        write_private(path, authority.private_key_pem.bytes() + authority.cert_pem.bytes())
        return authority

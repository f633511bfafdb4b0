"""The secret that callers of the endpoint show."""

import re
from hashlib import sha256
from pathlib import Path

from components.local.provider.files import home_of, private_folder, read_private, remove, write_private
from components.local.provider.resource_kind import ResourceKind, Run
from components.local.provider.values import UNKNOWN, Values

FORM = re.compile(rb"[A-Za-z0-9_-]{43,}")


class Token(ResourceKind):
    """A bearer token, and the header that curl sends it with. Inputs: folder. Outputs: sha256.

    The token itself is in its files alone, never in Pulumi's state. Removing them and `pulumi up` makes another one.
    """

    def drifted_outputs(self, old: Values) -> list[str]:
        token, header = (read_private(path) for path in _files(old["folder"]))
        return [] if sha256(token).hexdigest() == old["sha256"] and header == _header(token) else ["sha256"]

    def preview(self, old: Values, new: Values) -> Values:
        token = read_private(_files(new["folder"])[0])
        return {"sha256": sha256(token).hexdigest() if FORM.fullmatch(token) else UNKNOWN}

    def create(self, new: Values, run: Run) -> Values:
        private_folder(home_of(new["folder"]))
        file, header = _files(new["folder"])
        token = read_private(file)
        if not FORM.fullmatch(token):
            import secrets

            token = secrets.token_urlsafe(32).encode()
            write_private(file, token)
        write_private(header, _header(token))
        return {"sha256": sha256(token).hexdigest()}

    def delete(self, old: Values) -> None:
        remove(*_files(old["folder"]))


def _files(folder: str) -> tuple[Path, Path]:
    home = home_of(folder)
    return home / "token", home / "authorization"


def _header(token: bytes) -> bytes:
    return b"Authorization: Bearer " + token + b"\n"

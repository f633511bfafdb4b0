"""The page at GET /, for people: one document, the same for every model, which asks for all else with the token.

Read when it is asked for the first time: a process that only predicts does not pay for it.
"""

from __future__ import annotations

import hashlib
import os
from binascii import b2a_base64

from function_code.serving.http_messages import Page

FOLDER = os.path.dirname(__file__)


def _read(name: str) -> bytes:
    with open(os.path.join(FOLDER, name), "rb") as file:
        return file.read()


def _make() -> Page:
    script = _read("page.js")
    shell, style = _read("page.html"), _read("page.css")
    html = shell.replace(b"/* page.css */", style).replace(b"/* page.js */", script)
    digest = b2a_base64(hashlib.sha256(script).digest(), newline=False).decode()
    policy = {
        "default-src": "'none'",
        "script-src": f"'sha256-{digest}'",
        # Not by hash: the report's tab is opened from here, which makes this policy its own, and it brings its styles.
        "style-src": "'unsafe-inline'",
        "img-src": "data:",
        "connect-src": "'self'",
        "frame-ancestors": "'none'",
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    return Page(html, "; ".join(f"{name} {allowed}" for name, allowed in policy.items()))


PAGE = _make()

"""`make predict`: send the sample request to the endpoint, as any client would, and print the answer."""

from __future__ import annotations

import http.client
import json
import os
import ssl
import sys
from pathlib import Path
from urllib.parse import urlsplit

from tools import cli


def main() -> int:
    """Print the request and the answer; 0 if that was a prediction."""
    stack = os.environ.get("STACK") or "local"
    outputs = cli.outputs(stack)
    if not {"url", "certificate"} <= outputs.keys():
        print(f"error: the stack {stack} has no endpoint yet: `make up` makes one", file=sys.stderr)
        return 1
    certificate = Path(outputs["certificate"])
    try:
        token = (certificate.parent / "token").read_text().strip()
        request = (certificate.parent / "request.json").read_text(encoding="utf-8")
        context = ssl.create_default_context(cafile=certificate)
    except OSError as problem:
        print(
            f"error: {problem.filename or certificate}: {problem.strerror}; `make up` makes it again", file=sys.stderr
        )
        return 1
    url = outputs["url"].rstrip("/").removesuffix("/predict") + "/predict"
    print(f"POST {url}\n{_indented(request)}\n", flush=True)
    try:
        status, reason, answer = post(url, request.encode(), token, context)
    except OSError as problem:
        print(f"error: no answer ({problem}); `make up` starts the endpoint again", file=sys.stderr)
        return 1
    print(f"{status} {reason}\n{_indented(answer)}")
    if "synthetic" in str(outputs.get("dataset", "")):
        print("(the model was trained on a synthetic sample)")
    return 0 if status == http.HTTPStatus.OK else 1


def post(url: str, body: bytes, token: str, context: ssl.SSLContext) -> tuple[int, str, str]:
    """Return status, reason and text of the answer."""
    address = urlsplit(url)
    connection = http.client.HTTPSConnection(address.netloc, timeout=30, context=context)
    headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
    try:
        connection.request("POST", address.path, body, headers)
        answer = connection.getresponse()
        return answer.status, answer.reason, answer.read().decode("utf-8", "replace")
    finally:
        connection.close()


def _indented(text: str) -> str:
    try:
        return json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except ValueError:
        return text


if __name__ == "__main__":
    sys.exit(main())

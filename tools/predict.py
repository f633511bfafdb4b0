"""`make predict`: send the sample request to the endpoint, as any client would, and print the answer."""

from __future__ import annotations

import http.client
import json
import os
import shlex
import ssl
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

from function_code.schema import Schema
from tools import pulumi_cli

KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")


def main() -> int:
    """Print the request and the answer; 0 if that was a prediction."""
    stack = os.environ.get("STACK") or "local"
    outputs = pulumi_cli.outputs(stack)
    if not {"url", "curl"} <= outputs.keys():
        print(f"error: the stack {stack} has no endpoint yet: `make up` makes one", file=sys.stderr)
        return 1
    if "certificate" not in outputs:
        return by_curl(outputs["curl"], outputs["url"])
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
    if status == http.HTTPStatus.UNPROCESSABLE_ENTITY:
        print("(the sample request is for another version; `make up` writes it for the one that serves)")
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


def by_curl(command: str, url: str) -> int:
    """Ask by the stack's own curl command, which knows how callers show who they are; return 0 for a prediction.

    The command asks what is predicted from which features; another path and a body make it ask for a prediction.
    """
    missing = [name for name in KEYS if f"${name}" in command and name not in os.environ]
    if missing:
        print(f"error: {' and '.join(missing)} are not set, which the request is signed with; in bash and zsh:\n")
        print('eval "$(aws configure export-credentials --format env)"')
        return 1
    described = _run(f"{command} -sS --fail-with-body")
    if described.returncode:
        return described.returncode
    schema = Schema.from_json(json.loads(described.stdout)["schema"])
    request = json.dumps({"instances": [schema.example()]})
    print(f"POST {url}/predict\n{_indented(request)}\n", flush=True)
    asking = command.replace(url + command.rpartition(url)[2], f"{url}/predict")
    body = f"-H 'content-type: application/json' -d {shlex.quote(request)}"
    answered = _run(f"{asking} -sS --fail-with-body {body}")
    if answered.returncode == 0:
        print(_indented(answered.stdout))
    return answered.returncode


def _run(command: str) -> subprocess.CompletedProcess[str]:
    """Run a shell's command; what it says of a failure is shown."""
    done = subprocess.run(["sh", "-c", command], stdout=subprocess.PIPE, text=True, encoding="utf-8")
    if done.returncode:
        print(_indented(done.stdout) or f"error: this failed ({done.returncode}): {command}")
        if '"status": 503' in done.stdout:
            print("(a first training takes some minutes; what it says is in the log of the function that trains)")
    return done


def _indented(text: str) -> str:
    try:
        return json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except ValueError:
        return text


if __name__ == "__main__":
    sys.exit(main())

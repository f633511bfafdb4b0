"""A copy of the project under the real engine, and its state as seen from outside."""

import http.client
import json
import os
import signal
import socket
import ssl
import subprocess
import time
from pathlib import Path
from typing import Any

import yaml

from tests.support.project_copy import copy_project, environment, install_pip

Done = subprocess.CompletedProcess[str]
PROC = Path("/proc")


class Project:
    """A checkout with a backend of its own; `stack` is the one that is meant where none is named."""

    def __init__(self, base: Path) -> None:
        self.base = base
        # Every missing quote or escape of a path shows.
        self.root = copy_project(base / "a chéckout with 100% odd names")
        install_pip(self.root)
        self.environment = environment(base)
        self.stack = "local"
        self._take_own_ports()

    def _take_own_ports(self) -> None:
        """Give the stacks of each of pytest's workers ports of their own, or two that start at once choose the same."""
        path, worker = self.root / "components/local/provider/ports.py", os.environ.get("PYTEST_XDIST_WORKER", "gw0")
        first = 8443 + 100 * int(worker.removeprefix("gw"))
        code = path.read_text()
        ports = "FIRST_PORT, LAST_PORT = 8443, 8542"
        assert ports in code
        path.write_text(code.replace(ports, f"FIRST_PORT, LAST_PORT = {first}, {first + 99}"))

    @property
    def home(self) -> Path:
        return self.root / ".local" / self.stack

    def run(self, *command: str, code: int | None = 0) -> Done:
        """Runs a command in the checkout; its exit code must be `code`, unless that is None."""
        done = subprocess.run(command, cwd=self.root, env=self.environment, capture_output=True, text=True, timeout=240)
        assert code is None or done.returncode == code, done.stdout + done.stderr
        return done

    def pulumi(self, *arguments: str, code: int | None = 0) -> Done:
        return self.run("tools/pulumi", *arguments, "--stack", self.stack, "--non-interactive", code=code)

    def up(self, *options: str, code: int | None = 0) -> str:
        """Runs a plain update; returns its output."""
        done = self.pulumi("up", "--yes", "--skip-preview", *options, code=code)
        return done.stdout + done.stderr

    def is_settled(self) -> bool:
        """Tells whether another update would change nothing."""
        done = self.pulumi("up", "--yes", "--skip-preview", "--expect-no-changes", code=None)
        return done.returncode == 0

    @property
    def stack_file(self) -> Path:
        return self.root / "stacks" / f"Pulumi.{self.stack}.yaml"

    def config(self, **settings: str) -> None:
        """Writes them into the stack's file as `pulumi config set` does, which takes a process for each."""
        content = yaml.safe_load(self.stack_file.read_text())
        content.setdefault("config", {}).update({f"serverless-ml:{name}": value for name, value in settings.items()})
        self.stack_file.write_text(yaml.safe_dump(content, allow_unicode=True))

    def outputs(self) -> dict[str, Any]:
        outputs: dict[str, Any] = json.loads(self.pulumi("stack", "output", "--json").stdout)
        return outputs

    def state(self) -> dict[str, Any]:
        """The deployment as Pulumi keeps it, its secrets in clear."""
        deployment: dict[str, Any] = json.loads(self.pulumi("stack", "export", "--show-secrets").stdout)["deployment"]
        return deployment

    def resources(self) -> dict[str, dict[str, Any]]:
        """Inputs and outputs of each resource by its name, as the engine left them; secrets encrypted."""
        (path,) = self.root.glob(f".state/.pulumi/stacks/*/{self.stack}.json")
        resources = json.loads(path.read_text())["checkpoint"]["latest"]["resources"]
        return {
            resource["urn"].rpartition("::")[2]: {key: resource.get(key) for key in ("inputs", "outputs")}
            for resource in resources
            if resource["custom"]
        }

    def servers(self) -> list[int]:
        """The process ids of the stack's servers that live."""
        locks = [json.loads(lock.read_text()) for lock in self.home.glob("server-*.lock")]
        return [server["pid"] for server in locks if is_alive(server["pid"])]

    def ask(self, method: str, path: str, body: bytes | None = None) -> tuple[int, Any]:
        """Status and content of an answer, over a connection of its own."""
        context = ssl.create_default_context(cafile=self.home / "ca.pem")
        url = json.loads(next(self.home.glob("server-*.json")).read_text())
        connection = http.client.HTTPSConnection("localhost", url["port"], timeout=10, context=context)
        token = (self.home / "token").read_text()
        try:
            headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            connection.close()

    def predict(self) -> Any:
        """The answer to the sample request; it must be a prediction."""
        status, content = self.ask("POST", "/predict", (self.home / "request.json").read_bytes())
        assert status == 200, content
        assert content["predictions"]
        return content

    def wait_for_version(self, version: str) -> None:
        """Returns when that version answers; well within the time that the endpoint has for it."""
        deadline = time.monotonic() + 5
        while self.ask("GET", "/readyz")[1].get("model_version") != version:
            assert time.monotonic() < deadline
            time.sleep(0.05)

    def processes(self) -> dict[int, str]:
        """The processes in or for this checkout: servers, trainings, providers, updates. Ids and command lines."""
        mine = {pid: words for pid, words in commands().items() if str(self.base) in words + folder_of(pid)}
        return {pid: words.replace("\0", " ") for pid, words in mine.items() if pid != os.getpid()}

    def close(self) -> None:
        """Leaves no process behind, whatever the tests did."""
        for pid in self.processes():
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass  # it has ended by itself since


def is_alive(pid: int) -> bool:
    """Tells whether a process runs. A zombie, whose parent has not waited for it yet, does not."""
    return bool(command_line(pid))


def command_line(pid: int) -> str:
    if PROC.exists():
        try:
            return (PROC / str(pid) / "cmdline").read_text(errors="replace")
        except (FileNotFoundError, ProcessLookupError):
            return ""
    return subprocess.run(["ps", "-wwo", "args=", str(pid)], capture_output=True, text=True).stdout


def folder_of(pid: int) -> str:
    """The working directory of a process, where that can be seen."""
    try:
        return os.readlink(PROC / str(pid) / "cwd")
    except OSError:
        return ""


def commands() -> dict[int, str]:
    """The processes that run now: their ids and command lines."""
    if PROC.exists():
        return {pid: words for pid in map(int, filter(str.isdigit, os.listdir(PROC))) if (words := command_line(pid))}
    listed = subprocess.check_output(["ps", "-axwwo", "pid=,args="], text=True, errors="replace")
    return {int(pid): words for pid, words in (line.split(None, 1) for line in listed.splitlines())}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])

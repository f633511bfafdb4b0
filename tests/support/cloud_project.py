"""A checkout whose stack is on a fake cloud."""

import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar, Self

from components.azure.flex_package import MODULES, flex
from components.packaging.archive import make_archive
from tests.support import stack_file
from tests.support.fake_cloud import azure_sites
from tests.support.fake_cloud.folder import Cloud
from tests.support.fake_cloud.provider import serve
from tests.support.project import Project

# The settings of a stack whose data comes from Airtable, and the names of its secrets.
TOKEN = "patAbCdEfGhIjKlMn.0123456789abcdef"
AIRTABLE = {
    "source": "airtable", "airtable.base": "appAbCdEfGhIjKlMn", "airtable.table": "Customers", "airtable_token": TOKEN,
}  # fmt: skip
SECRETS = {"airtable_token"}
# The provider's methods for the operation of a step in a plan, which has one for a replacement.
METHODS = {"create": ["Create"], "update": ["Update"], "delete": ["Delete"], "replace": ["Create", "Delete"]}


class CloudProject(Project):
    """A checkout whose stack is on a fake cloud, with the SDKs `packages`, of which the first is the cloud's own."""

    name: str
    packages: tuple[str, ...]
    needed: ClassVar[dict[str, str]] = {}
    everything: ClassVar[dict[str, str]]
    """All settings, by path, as far as one does not exclude the other."""

    def __init__(self, base: Path, cloud: Cloud, port: int) -> None:
        super().__init__(base)
        self.stack, self.cloud = f"{self.name}-dev", cloud
        self.environment |= {
            "PULUMI_DEBUG_PROVIDERS": ",".join(f"{package}:{port}" for package in self.packages),
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        }
        self.docker("echo 29.0")
        self.pulumi("stack", "init")
        self.set(self.needed)

    @classmethod
    def create(cls, base: Path) -> Iterator[Self]:
        """Creates a project whose cloud lives as long as it is used."""
        folder = base / "cloud"
        folder.mkdir()
        with serve(folder) as port:
            project = cls(base, Cloud(folder), port)
            try:
                yield project
            finally:
                project.close()

    def set(self, settings: dict[str, str]) -> None:
        """Configures settings by their paths; it is the CLI that encrypts those that are secret."""
        stack_file.write_settings(
            self._settings, {path: text for path, text in settings.items() if path not in SECRETS}
        )
        secrets = [f"--secret={path}={text}" for path, text in settings.items() if path in SECRETS]
        if secrets:
            self.pulumi("config", "set-all", *secrets)

    def config(self, **settings: str) -> None:
        """Configures settings by their names."""
        self.set(settings)

    @contextmanager
    def configured(self, settings: dict[str, str]) -> Iterator[None]:
        """Configures settings for the time of the context."""
        before = self.settings()
        self.set(settings)
        try:
            yield
        finally:
            self.write_settings(before)

    @contextmanager
    def applied(self, settings: dict[str, str]) -> Iterator[None]:
        """Brings the stack up with other settings for a while, and then as it was."""
        try:
            with self.configured(settings):
                self.up()
                yield
        finally:
            self.up()

    def docker(self, commands: str) -> None:
        """Replaces `docker` by a program that runs these commands; before, its daemon answers."""
        folder = self.base / "docker"
        folder.mkdir(exist_ok=True)
        (folder / "docker").write_text(f"#!/bin/sh\n{commands}\n")
        (folder / "docker").chmod(0o755)
        self.environment["PATH"] = f"{folder}:{os.environ['PATH']}"

    def no_docker(self) -> None:
        """Leaves every program of this machine on the path, except docker."""
        folder = self.base / "programs"
        folder.mkdir()
        for place in map(Path, os.environ["PATH"].split(":")):
            for program in place.iterdir() if place.is_dir() else ():
                if program.name != "docker" and not (folder / program.name).is_symlink():
                    (folder / program.name).symlink_to(program)
        self.environment["PATH"] = str(folder)

    def forget(self) -> None:
        """Empties the list of changes."""
        self.cloud.forget()

    def changes(self) -> list[str]:
        """The changes that the cloud was asked for, each as method, kind and name."""
        calls = self.cloud.calls("Create", "Update", "Delete")
        return sorted(f"{call['method']} {call['type'].split(':')[-1]} {call['name']}" for call in calls)

    def planned(self) -> list[str]:
        """Changes that an update would make, as in `changes`, and the requests that the program itself would send."""
        steps = json.loads(self.pulumi("preview", "--json").stdout)["steps"]
        return sorted(change for step in steps for change in _planned_changes(step))

    def edit(self, path: str) -> None:
        """Changes a file of the code without changing its meaning."""
        with (self.root / path).open("a") as file:
            file.write("# edited\n")

    def shorten(self, path: str, line_start: str, replacement: str) -> None:
        """Replaces the beginning of the one line of the code that begins so, to wait for less time."""
        code = (self.root / path).read_text()
        (line,) = re.findall(f"^{line_start}", code, re.MULTILINE)
        (self.root / path).write_text(code.replace(line, replacement))

    def settings(self) -> str:
        return self._settings.read_text()

    def write_settings(self, text: str) -> None:
        self._settings.write_text(text)

    @property
    def _settings(self) -> Path:
        return self.root / "stacks" / f"Pulumi.{self.stack}.yaml"


def _planned_changes(step: dict[str, Any]) -> list[str]:
    """The changes in a step of a plan, by method, kind and name; none for a component, which no provider has."""
    state = step.get("newState") or step.get("oldState") or {}
    kind, name = str(state.get("type")).rpartition(":")[2], step["urn"].rpartition("::")[2]
    return [f"{method} {kind} {name}" for method in METHODS.get(step["op"], []) if state.get("custom")]


class AwsProject(CloudProject):
    name = "aws"
    packages = ("aws", "docker-build")
    everything: ClassVar = {
        "alarm_email": "ops@example.com", "architecture": "x86_64", "disposable": "false",
        "image": "true", "kms_key": "arn:aws:kms:eu-west-1:123456789012:key/1234", "log_days": "90", "memory": "1024",
        "monthly_limit": "50", "provisioned_concurrency": "2", "reserved_concurrency": "5", "schedule": "rate(7 days)",
        "stale_days": "7", "training_memory": "10240", "xray": "true",
        "callers[0]": "arn:aws:iam::123456789012:role/team/app",
        "callers[1]": "arn:aws:iam::123456789012:user/eve",
        "cors[0]": "https://example.com",
        "domain.name": "predict.example.com", "domain.zone": "Z123",
        "throttle.burst": "20", "throttle.rate": "10",
        **AIRTABLE,
    }  # fmt: skip

    def __init__(self, base: Path, cloud: Cloud, port: int) -> None:
        super().__init__(base, cloud, port)
        self.shorten(
            "components/aws/training_queue.py", "EVENTBRIDGE_DELAY_SECONDS = 300", "EVENTBRIDGE_DELAY_SECONDS = 1"
        )


class GcpProject(CloudProject):
    name = "gcp"
    packages = ("gcp", "docker-build")
    needed: ClassVar = {"gcp:project": "my-project"}
    everything: ClassVar = {
        "alarm_email": "ops@example.com", "disposable": "false", "image": "true",
        "kms_key": "projects/my-project/locations/europe-west1/keyRings/ring/cryptoKeys/key", "log_days": "90",
        "memory": "1024", "monthly_limit": "50", "provisioned_concurrency": "2", "reserved_concurrency": "4",
        "schedule": "cron(0/30 3 ? * 2 *)", "stale_days": "7", "training_memory": "16384",
        "callers[0]": "serviceAccount:app@my-project.iam.gserviceaccount.com",
        "callers[1]": "user:eve@example.com",
        "domain.name": "predict.example.com", "domain.zone": "example",
        **AIRTABLE,
    }  # fmt: skip

    def __init__(self, base: Path, cloud: Cloud, port: int) -> None:
        super().__init__(base, cloud, port)
        self.shorten("components/gcp/deployment_retries.py", "GRANT_DELAY_SECONDS = 90", "GRANT_DELAY_SECONDS = 1")
        self.shorten("components/gcp/deployment_retries.py", "MAX_PAUSE_SECONDS = 60", "MAX_PAUSE_SECONDS = 1")


class AzureProject(CloudProject):
    """A project on Azure: beside the provider's calls, the program sends requests of its own, to `sites`."""

    name = "azure"
    packages = ("azure-native", "docker-build")
    everything = {  # noqa: RUF012 - of a class
        "alarm_email": "ops@example.com", "image": "true", "log_days": "90", "memory": "2048", "monthly_limit": "50",
        "provisioned_concurrency": "2", "reserved_concurrency": "4", "schedule": "cron(0/30 3 ? * 2 *)",
        "stale_days": "2", "training_memory": "2048",
        "callers[0]": "11111111-2222-3333-4444-555555555555",
        "callers[1]": "11111111-2222-3333-4444-666666666666",
        "cors[0]": "https://example.com",
        "entra_client_id": "99999999-2222-3333-4444-555555555555",
        **AIRTABLE,
    }  # fmt: skip
    sites: azure_sites.Sites

    def __init__(self, base: Path, cloud: Cloud, port: int) -> None:
        super().__init__(base, cloud, port)
        self.shorten("components/azure/deployment_retries.py", "GRANT_DELAY_SECONDS = 180", "GRANT_DELAY_SECONDS = 1")
        self.shorten("components/azure/deployment_retries.py", "MAX_PAUSE_SECONDS = 60", "MAX_PAUSE_SECONDS = 1")

    @classmethod
    def create(cls, base: Path) -> Iterator[Self]:
        for package in MODULES:
            make_archive(package, flex("FUNCTION"), print)  # its libraries are downloaded now, not by the proxy
        with azure_sites.serving(base) as sites:
            for project in super().create(base):
                project.sites = sites
                project.environment |= sites.environment
                yield project

    def forget(self) -> None:
        """Empties the lists of changes and of requests."""
        super().forget()
        self.sites.requests.clear()

    def sent(self) -> list[str]:
        """The packages that were published, by the app's beginning, and the uploaded files, by their keys."""
        urls = [url.partition("/") for url in self.sites.sent()]
        return sorted(
            key.removeprefix("store/") if "blob.core" in host else f"{host.partition('-')[0]} code"
            for host, _, key in urls
        )

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
from tests.support.fake_cloud import azure_sites
from tests.support.fake_cloud.provider import serve
from tests.support.project import Project

Call = dict[str, Any]

# The settings of a stack whose data comes from Airtable, and the names of its secrets.
TOKEN = "patAbCdEfGhIjKlMn.0123456789abcdef"
AIRTABLE = {
    "source": "airtable", "airtable.base": "appAbCdEfGhIjKlMn", "airtable.table": "Customers", "airtable_token": TOKEN,
}  # fmt: skip
SECRETS = {"airtable_token"}


class Cloud:
    """The fake cloud's folder, as tests see it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def calls(self, *methods: str) -> list[Call]:
        """The engine's calls of these methods, without those of previews."""
        path = self.folder / "calls.jsonl"
        lines = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
        return [call for call in lines if call["method"] in methods and not call.get("preview")]

    def forget(self) -> None:
        """Empties the list of calls."""
        (self.folder / "calls.jsonl").unlink(missing_ok=True)

    def resources(self, kind: str = "") -> list[Call]:
        """The resources that exist, of a kind such as aws:s3/bucket:Bucket: {type, id, inputs, outputs}."""
        records = [json.loads(path.read_text()) for path in (self.folder / "resources").iterdir()]
        return [record for record in records if not kind or record["type"] == kind]

    def change(self, kind: str, **inputs: Any) -> None:
        """Changes the one resource of a kind behind the engine's back."""
        for path in (self.folder / "resources").iterdir():
            record = json.loads(path.read_text())
            if record["type"] == kind:
                record["inputs"] |= inputs
                record["outputs"] |= inputs
                path.write_text(json.dumps(record))

    def lose(self, kind: str) -> None:
        """Deletes the resources of a kind behind the engine's back."""
        for path in (self.folder / "resources").iterdir():
            if json.loads(path.read_text())["type"] == kind:
                path.unlink()

    def fail(self, part: str, error: str, *, stays: bool = False) -> None:
        """Lets the next create or update of a resource whose URN holds that part fail; or invoke, by its token.

        The resource exists all the same if it `stays`.
        """
        path = self.folder / "faults.json"
        known = json.loads(path.read_text()) if path.exists() else {}
        path.write_text(json.dumps({**known, part: {"error": error, "times": 1, "stays": stays}}))


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
        """Configures settings by their paths."""
        for path, value in settings.items():
            self.pulumi("config", "set", *(["--secret"] if path in SECRETS else []), "--path", path, value)

    @contextmanager
    def configured(self, settings: dict[str, str]) -> Iterator[None]:
        """Configures settings for the time of the context."""
        before = self.settings()
        self.set(settings)
        try:
            yield
        finally:
            self.write_settings(before)

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
        self.shorten("components/gcp/retries.py", "GRANT_DELAY_SECONDS = 90", "GRANT_DELAY_SECONDS = 1")
        self.shorten("components/gcp/retries.py", "MAX_PAUSE_SECONDS = 60", "MAX_PAUSE_SECONDS = 1")


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
        self.shorten("components/azure/retries.py", "GRANT_DELAY_SECONDS = 180", "GRANT_DELAY_SECONDS = 1")
        self.shorten("components/azure/retries.py", "MAX_PAUSE_SECONDS = 60", "MAX_PAUSE_SECONDS = 1")

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

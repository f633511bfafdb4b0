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

# A stack whose data comes from Airtable, and what nobody else may see of it.
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
        """What the engine asked for, but for previews."""
        path = self.folder / "calls.jsonl"
        lines = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
        return [call for call in lines if call["method"] in methods and not call.get("preview")]

    def forget(self) -> None:
        """From here on `calls` tells only of what is new."""
        (self.folder / "calls.jsonl").unlink(missing_ok=True)

    def resources(self, kind: str = "") -> list[Call]:
        """What lives, of a kind such as aws:s3/bucket:Bucket: {type, id, inputs, outputs}."""
        found = [json.loads(path.read_text()) for path in (self.folder / "resources").iterdir()]
        return [resource for resource in found if not kind or resource["type"] == kind]

    def change(self, kind: str, **inputs: Any) -> None:
        """Somebody changes the one resource of a kind behind the engine's back."""
        for path in (self.folder / "resources").iterdir():
            record = json.loads(path.read_text())
            if record["type"] == kind:
                record["inputs"] |= inputs
                record["outputs"] |= inputs
                path.write_text(json.dumps(record))

    def lose(self, kind: str) -> None:
        """Somebody deletes the resources of a kind behind the engine's back."""
        for path in (self.folder / "resources").iterdir():
            if json.loads(path.read_text())["type"] == kind:
                path.unlink()

    def fail(self, part: str, error: str, *, stays: bool = False) -> None:
        """The next create or update of a resource whose URN holds that part fails; or invoke, whose token does.

        What was to be made is there all the same if it `stays`.
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
    """Whatever can be configured, by path, as far as one does not exclude the other."""

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
    def made(cls, base: Path) -> Iterator[Self]:
        """One whose cloud lives as long as it is used."""
        folder = base / "cloud"
        folder.mkdir()
        with serve(folder) as port:
            made = cls(base, Cloud(folder), port)
            try:
                yield made
            finally:
                made.close()

    def set(self, settings: dict[str, str]) -> None:
        """Configures settings by their paths."""
        for path, value in settings.items():
            self.pulumi("config", "set", *(["--secret"] if path in SECRETS else []), "--path", path, value)

    @contextmanager
    def configured(self, settings: dict[str, str]) -> Iterator[None]:
        """Configures them for a while."""
        kept = self.settings()
        self.set(settings)
        try:
            yield
        finally:
            self.write_settings(kept)

    def docker(self, commands: str) -> None:
        """From here on `docker` is a program that does this; before, one whose daemon answers."""
        folder = self.base / "docker"
        folder.mkdir(exist_ok=True)
        (folder / "docker").write_text(f"#!/bin/sh\n{commands}\n")
        (folder / "docker").chmod(0o755)
        self.environment["PATH"] = f"{folder}:{os.environ['PATH']}"

    def no_docker(self) -> None:
        """From here on there is every program of this machine but that one."""
        folder = self.base / "programs"
        folder.mkdir()
        for place in map(Path, os.environ["PATH"].split(":")):
            for program in place.iterdir() if place.is_dir() else ():
                if program.name != "docker" and not (folder / program.name).is_symlink():
                    (folder / program.name).symlink_to(program)
        self.environment["PATH"] = str(folder)

    def forget(self) -> None:
        """From here on `asked` tells only of what is new."""
        self.cloud.forget()

    def asked(self) -> list[str]:
        """What the cloud was asked to change, by method, kind and name."""
        calls = self.cloud.calls("Create", "Update", "Delete")
        return sorted(f"{call['method']} {call['type'].split(':')[-1]} {call['name']}" for call in calls)

    def edit(self, path: str) -> None:
        """Changes a file of the code, which means the same as before."""
        with (self.root / path).open("a") as file:
            file.write("# edited\n")

    def hurry(self, path: str, waits: str, shortly: str) -> None:
        """From here on that line of the code begins otherwise."""
        code = (self.root / path).read_text()
        (line,) = re.findall(f"^{waits}", code, re.MULTILINE)
        (self.root / path).write_text(code.replace(line, shortly))

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
        self.hurry(
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
        self.hurry("components/gcp/retries.py", "GRANT_DELAY_SECONDS = 90", "GRANT_DELAY_SECONDS = 1")
        self.hurry("components/gcp/retries.py", "MAX_PAUSE_SECONDS = 60", "MAX_PAUSE_SECONDS = 1")


class AzureProject(CloudProject):
    """Azure's provider asks for some things, and our own program for others: those are in `sites`."""

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
        self.hurry("components/azure/retries.py", "GRANT_DELAY_SECONDS = 180", "GRANT_DELAY_SECONDS = 1")
        self.hurry("components/azure/retries.py", "MAX_PAUSE_SECONDS = 60", "MAX_PAUSE_SECONDS = 1")

    @classmethod
    def made(cls, base: Path) -> Iterator[Self]:
        for package in MODULES:
            make_archive(package, flex("FUNCTION"), print)  # what it is made of is downloaded now, and not by that way
        with azure_sites.serving(base) as sites:
            for project in super().made(base):
                project.sites = sites
                project.environment |= sites.environment
                yield project

    def forget(self) -> None:
        """From here on `asked` and `sites` tell only of what is new."""
        super().forget()
        self.sites.seen.clear()

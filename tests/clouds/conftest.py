import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.clouds import fake_cloud
from tests.engine.project import Project

Call = dict[str, Any]


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

    def fail(self, part: str, error: str) -> None:
        """The next create or update of a resource whose URN holds that part fails."""
        (self.folder / "faults.json").write_text(json.dumps({part: {"error": error, "times": 1}}))


class AwsProject(Project):
    """A checkout whose stack is on the fake AWS."""

    def __init__(self, base: Path, cloud: Cloud, port: int) -> None:
        super().__init__(base)
        self.stack, self.cloud = "aws-dev", cloud
        self.environment |= {
            "PULUMI_DEBUG_PROVIDERS": f"aws:{port}",
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        }
        self.pulumi("stack", "init")

    @classmethod
    def made(cls, base: Path) -> Iterator["AwsProject"]:
        """One whose cloud lives as long as it is used."""
        folder = base / "cloud"
        folder.mkdir()
        with fake_cloud.serve(folder) as port:
            made = cls(base, Cloud(folder), port)
            try:
                yield made
            finally:
                made.close()

    def asked(self) -> list[str]:
        """What the cloud was asked to change, by method, kind and name."""
        calls = self.cloud.calls("Create", "Update", "Delete")
        return sorted(f"{call['method']} {call['type'].split(':')[-1]} {call['name']}" for call in calls)

    def edit(self, path: str) -> None:
        """Changes a file of the code, which means the same as before."""
        with (self.root / path).open("a") as file:
            file.write("# edited\n")

    def settings(self) -> str:
        return self._settings.read_text()

    def write_settings(self, text: str) -> None:
        self._settings.write_text(text)

    @property
    def _settings(self) -> Path:
        return self.root / "stacks" / f"Pulumi.{self.stack}.yaml"


@pytest.fixture
def project(tmp_path: Path) -> Iterator[AwsProject]:
    yield from AwsProject.made(tmp_path)

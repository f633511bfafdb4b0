"""The folder of the fake cloud (provider.py), as tests see and change it."""

import json
from pathlib import Path
from typing import Any

Call = dict[str, Any]


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

"""A copy of the project's scripts in a folder of its own, with programs that only pretend."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.support.paths import ROOT

# Notes how it was called and with which environment; answers from answers.json beside it:
# {"start of the arguments": [exit code, stdout, stderr]}.
PRETENDER = """#!{python} -SE
import json, os, pathlib, sys
here = pathlib.Path(__file__)
names = {names}
noted = {{name: os.environ[name] for name in names if name in os.environ}}
call = {{"program": here.name, "arguments": sys.argv[1:], "environment": noted}}
with open({log!r}, "a") as log:
    log.write(json.dumps(call) + "\\n")
answers = json.loads(here.with_name(here.name + ".json").read_text())
text = " ".join(sys.argv[1:])
for start, (code, out, err) in answers.items():
    if text.startswith(start):
        sys.stdout.write(out)
        sys.stderr.write(err)
        sys.exit(code)
"""
NOTED_VARIABLES = (
    "PATH",
    "USER",
    "VIRTUAL_ENV",
    "PULUMI_HOME",
    "PULUMI_BACKEND_URL",
    "PULUMI_CONFIG_PASSPHRASE",
    "PULUMI_CONFIG_PASSPHRASE_FILE",
    "PULUMI_SKIP_UPDATE_CHECK",
)


@dataclass
class Call:
    """One call of a pretending program."""

    program: str
    arguments: list[str]
    environment: dict[str, str]


@dataclass
class Checkout:
    """The scripts' copy at `root`, an empty home, and a folder `programs` that stands first on PATH."""

    base: Path
    environment: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.root = self.base / "a päth with spaces"
        self.home = self.base / "home"
        self.programs = self.base / "programs"
        self.cache = self.home / ".cache" / "serverless-ml"
        for folder in (self.root / "stacks", self.home, self.programs):
            folder.mkdir(parents=True)
        for name in ("function_code", "policy", "requirements", "tools"):
            shutil.copytree(ROOT / name, self.root / name, ignore=shutil.ignore_patterns("__pycache__", ".venv"))
        for name in ("Makefile", "requirements.txt"):
            shutil.copy(ROOT / name, self.root)
        self.environment = {"HOME": str(self.home), "PATH": f"{self.programs}:/usr/local/bin:/usr/bin:/bin"}

    @property
    def version(self) -> str:
        """The release of Pulumi that the project asks for."""
        module = (self.root / "tools/engine/go.mod").read_text()
        return module.split("github.com/pulumi/pulumi/pkg/v3 v")[1].split()[0]

    def add_venv(self) -> None:
        """Give it a .venv that need not be installed: pip has nothing to do, the rest is this Python."""
        self.write_program(
            self.root / ".venv/bin/python",
            f'#!/bin/sh\ncase $* in *pip*) exit 0 ;; esac\nexec "{sys.executable}" "$@"\n',
        )

    def write_program(self, path: Path, text: str) -> None:
        """Write an executable file."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(0o755)

    def pretend(self, path: Path, answers: dict[str, tuple[int, str, str]] | None = None) -> None:
        """Put a program at `path` that notes its calls and gives the answers to those that start so."""
        text = PRETENDER.format(python=sys.executable, names=NOTED_VARIABLES, log=str(self.base / "calls"))
        self.write_program(path, text)
        path.with_name(path.name + ".json").write_text(json.dumps(answers or {}))

    def pretend_pulumi(self, answers: dict[str, tuple[int, str, str]] | None = None, version: str = "") -> None:
        """Put a `pulumi` on PATH."""
        version_answer = {"version": (0, f"v{version or self.version}\n", "")}
        self.pretend(self.programs / "pulumi", {**version_answer, "stack output": (0, "{}", ""), **(answers or {})})

    def run(
        self, *command: str | Path, cwd: Path | None = None, environment: dict[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run a command of the checkout, by default from its root."""
        arguments = list(map(str, command))
        # Through files: a pipe would be waited for as long as anything that the command left running holds it.
        with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
            done = subprocess.run(
                arguments,
                cwd=cwd or self.root,
                env={**self.environment, "PWD": str(cwd or self.root), **(environment or {})},
                stdout=out,
                stderr=err,
                timeout=60,
            )
            out.seek(0)
            err.seek(0)
            return subprocess.CompletedProcess(arguments, done.returncode, out.read(), err.read())

    def calls(self, program: str = "pulumi") -> list[Call]:
        """Return the calls of a pretending program, without those that only asked for its version."""
        path = self.base / "calls"
        lines: list[dict[str, Any]] = list(map(json.loads, path.read_text().splitlines())) if path.exists() else []
        return [Call(**line) for line in lines if line["program"] == program and line["arguments"] != ["version"]]

    def mode(self, path: str) -> int:
        """Return the permissions of a file of the checkout."""
        return os.stat(self.root / path).st_mode & 0o777

    def commands(self) -> list[str]:
        """Return the calls of Pulumi as lines."""
        return [" ".join(call.arguments) for call in self.calls()]

    def configured(self) -> dict[str, dict[str, object]]:
        """Return the settings that were set, as Pulumi read them."""
        (call,) = [call for call in self.calls() if call.arguments[:2] == ["config", "set-all"]]
        settings: dict[str, dict[str, object]] = json.loads(call.arguments[call.arguments.index("--json") + 1])
        return settings

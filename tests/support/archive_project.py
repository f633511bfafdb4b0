"""A project with code and libraries of its own, small enough to be packaged in no time."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from tests.support.paths import ROOT

COPIED = ("components", "function_code", "tools")
SERVING = {"store_client/__init__.py": "", "store_client/core.so": "machine code", "store_client/tests/test.py": "?"}
TRAINING = {"frames/__init__.py": "", "frames/big.txt": "frame " * 5000, "frames/source.pyx": "cython"}


@dataclass
class Project:
    """A copy of the parts that make archives, in `base`, with an index of wheels and a cache that it may share."""

    base: Path
    index: Path
    cache: Path

    def __post_init__(self) -> None:
        self.root = self.base / "a päth with spaces"
        for name in COPIED:
            shutil.copytree(ROOT / name, self.root / name, ignore=shutil.ignore_patterns("__pycache__"))
        (self.root / "requirements").mkdir()
        self.index.mkdir(exist_ok=True)
        self.lock("serving", {"store-client": self.wheel("store_client", SERVING)})
        self.lock("training", {"frames": self.wheel("frames", TRAINING)})

    def wheel(self, name: str, files: dict[str, str], tag: str = "py3-none-any", script: bool = False) -> Path:
        """Put release 1.0 of a distribution into the index; it is the same wheel each time."""
        info = f"{name}-1.0.dist-info"
        about = {
            f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n",
            f"{info}/WHEEL": f"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: {tag}\n",
            f"{info}/RECORD": "",
            f"{info}/licenses/LICENSE.txt": "as you like",
        }
        path = self.index / f"{name}-1.0-{tag}.whl"
        with ZipFile(path, "w", ZIP_DEFLATED) as file:
            for member, text in {**files, **about}.items():
                entry = ZipInfo(member)
                entry.compress_type = ZIP_DEFLATED
                entry.external_attr = (0o100755 if script or member.endswith(".so") else 0o100664) << 16
                file.writestr(entry, text)
        return path

    def lock(self, package: str, wheels: dict[str, Path], condition: str = "") -> None:
        """Lock these wheels as what a package needs."""
        lines = ["# locked"]
        for name, wheel in wheels.items():
            lines += [f"{name}==1.0{condition} \\", f"    --hash=sha256:{sha256(wheel.read_bytes()).hexdigest()}"]
        for name in (package, f"gcp_{package}"):
            (self.root / "requirements" / f"{name}.txt").write_text("\n".join([*lines, "    # via nobody", ""]))

    def environment(self, **changes: str) -> dict[str, str]:
        """The environment of a package that is made from the index alone, with a cache of its own."""
        rest = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "SET_", "MAKE"))}
        pip = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(self.index), "PIP_CONFIG_FILE": os.devnull}
        return {**rest, **pip, "XDG_CACHE_HOME": str(self.cache), "SET_CLOUD": "aws", **changes}

    def start(self, **changes: str) -> subprocess.Popen[str]:
        """Start the command of `make package CLOUD=aws`. Ctrl-C reaches it, however this process was started."""
        return subprocess.Popen(
            [sys.executable, "-m", "tools.package"],
            cwd=self.root,
            env=self.environment(**changes),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        )

    def package(self, **changes: str) -> subprocess.CompletedProcess[str]:
        """Run it to its end."""
        with self.start(**changes) as process:
            out, err = process.communicate(timeout=60)
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)

    def cached(self) -> list[Path]:
        """The paths in the cache."""
        return sorted((self.cache / "serverless-ml" / "archives").iterdir())

    def zips(self) -> dict[str, bytes]:
        """The archives in the cache, by their package."""
        return {path.name.split("-")[0]: path.read_bytes() for path in self.cached() if path.suffix == ".zip"}

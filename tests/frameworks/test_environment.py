"""framework-python: what it installs when, with a pip that does what a test wants."""

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).with_name("framework-python")
PYTHON = """#!/bin/sh
case $* in
"-V") echo "{version}" ;;
"-m venv "*)
    mkdir -p "$3/bin"
    cp "$0" "$3/bin/python"
    ;;
*"-m pip install"*)
    echo "$*" >>"{log}"
    {pip}
    ;;
*) exec "{python}" "$@" ;;
esac
"""


class Machine:
    """An empty cache, and a Python of some version whose pip runs a command of the shell."""

    def __init__(self, base: Path) -> None:
        self.base = base
        self.cache = base / "serverless-ml"
        self.environment = {"PATH": f"{base / 'bin'}:/usr/bin:/bin", "XDG_CACHE_HOME": str(base)}

    def program(self, name: str, text: str) -> str:
        path = self.base / "bin" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        path.chmod(0o755)
        return str(path)

    def run(self, pip: str = ":", version: str = "Python 3.11", code: str = "print('ran')") -> tuple[int, str, str]:
        text = PYTHON.format(version=version, log=self.base / "pip", pip=pip, python=sys.executable)
        command = [str(SCRIPT), "pytorch", self.program("python", text), "-c", code]
        out, err = self.base / "out", self.base / "err"
        # Through files: a pipe would be waited for as long as anything that a killed script left running holds it.
        with out.open("w") as stdout, err.open("w") as stderr:
            done = subprocess.run(command, env=self.environment, stdout=stdout, stderr=stderr)
        return done.returncode, out.read_text(), err.read_text()

    def installed(self) -> int:
        log = self.base / "pip"
        return len(log.read_text().splitlines()) if log.exists() else 0

    def environments(self) -> list[Path]:
        return list(self.cache.glob("pytorch-*"))


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    machine = Machine(tmp_path)
    machine.program("df", "#!/bin/sh\necho Filesystem\necho /dev/x 99 9 90000000 1% /\n")
    return machine


def test_it_is_installed_once(machine: Machine) -> None:
    (first, printed, stderr), second = machine.run(), machine.run()
    assert (first, printed) == (0, "ran\n")
    assert "installing pytorch" in stderr
    assert second == (0, "ran\n", "")
    assert machine.installed() == 1
    assert "--require-hashes" in (machine.base / "pip").read_text()


def test_what_the_tests_borrow_is_not_taken_for_installed(machine: Machine) -> None:
    machine.environment["PYTHONPATH"] = str(machine.base)
    code = "import os; print(os.environ['PYTHONPATH'])"
    assert machine.run(pip='[ -z "${PYTHONPATH:-}" ] || exit 1', code=code)[:2] == (0, f"{machine.base}\n")


def test_an_interrupted_installation_is_made_afresh(machine: Machine) -> None:
    assert machine.run(pip="kill -9 $PPID")[0] != 0
    (environment,) = machine.environments()
    (environment / "half").touch()
    assert machine.run()[:2] == (0, "ran\n")
    assert not (environment / "half").exists()


def test_a_failed_one_shows_why_and_is_not_taken_for_finished(machine: Machine) -> None:
    code, printed, stderr = machine.run(pip="echo no such wheel; exit 1")
    assert (code, printed) == (1, "")
    assert "no such wheel" in stderr
    assert machine.run()[0] == 0
    assert machine.installed() == 2


def test_another_python_replaces_it(machine: Machine) -> None:
    machine.run()
    before = machine.environments()
    machine.run(version="Python 3.12")
    assert len(machine.environments()) == 1
    assert machine.environments() != before


def test_no_room_is_said_before_anything_is_installed(machine: Machine) -> None:
    machine.program("df", "#!/bin/sh\necho Filesystem\necho /dev/x 99 9 9000000 1% /\n")
    code, _, stderr = machine.run()
    assert code == 75
    assert stderr == f"framework-python: pytorch needs 9 GiB of disk, and {machine.cache} has 8\n"
    assert machine.installed() == 0


def test_what_is_in_use_is_waited_for(machine: Machine) -> None:
    machine.run()
    command = [str(SCRIPT), "pytorch", str(machine.base / "bin" / "python"), "-c"]
    code = "print('in use', flush=True); input()"
    pipe = subprocess.PIPE
    with subprocess.Popen([*command, code], env=machine.environment, stdin=pipe, stdout=pipe, text=True) as using:
        assert using.stdin
        assert using.stdout
        assert using.stdout.readline() == "in use\n"
        with subprocess.Popen([*command, "pass"], env=machine.environment, stderr=pipe, text=True) as waiting:
            assert waiting.stderr
            assert "waiting for another one that is at work already" in waiting.stderr.readline()
            assert waiting.poll() is None
            using.stdin.write("\n")
            using.stdin.close()
            assert waiting.wait() == 0
    assert machine.installed() == 1

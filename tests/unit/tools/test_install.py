"""tools/install-pulumi: the installer, the build that replaces it, and what is said when neither works."""

from __future__ import annotations

import subprocess

import pytest

from tests.support.checkout import Checkout

UNREACHABLE = "#!/bin/sh\necho 'curl: (6) Could not resolve host: get.pulumi.com' >&2\nexit 6\n"
INSTALLER = """#!/bin/sh
for file; do :; done # curl's last argument: where to write
cat >"$file" <<'END'
while [ $# -gt 0 ]; do
    case $1 in
    --version) version=$2; shift ;;
    --install-root) root=$2; shift ;;
    esac
    shift
done
mkdir -p "$root/bin"
printf '#!/bin/sh\\necho "v%s by the installer"\\n' "$version" >"$root/bin/pulumi"
chmod +x "$root/bin/pulumi"
END
"""
GO = """#!/bin/sh
echo "$*" >>"$0.calls"
case $1 in
version) echo "go version go{version} linux/amd64" ;;
env) echo "$0.folder" ;;
list) echo "$0.sources" ;;
build)
    while [ "$1" != -o ]; do shift; done
    sleep {seconds}
    [ {code} = 0 ] || echo "module proxy: no such host"
    printf '#!/bin/sh\\necho "v3.259.0 by Go"\\n' >"$2"
    chmod +x "$2"
    exit {code}
    ;;
esac
"""


@pytest.fixture
def offline(bare: Checkout) -> Checkout:
    """A machine with Go, whose curl reaches nothing."""
    bare.add_venv()
    bare.write_program(bare.programs / "curl", UNREACHABLE)
    add_go(bare)
    return bare


def add_go(checkout: Checkout, *, version: str = "1.26.0", code: int = 0, seconds: float = 0) -> None:
    checkout.write_program(checkout.programs / "go", GO.format(version=version, code=code, seconds=seconds))
    for script in ("cmd/pulumi-language-python-exec", "dist/pulumi-resource-pulumi-python"):
        checkout.write_program(checkout.programs / "go.sources/python" / script, "#!/bin/sh\n")


def builds(checkout: Checkout) -> list[str]:
    calls = checkout.programs / "go.calls"
    lines = calls.read_text().splitlines() if calls.exists() else []
    return [line for line in lines if line.startswith("build")]


def test_the_official_installer_comes_first(offline: Checkout) -> None:
    offline.write_program(offline.programs / "curl", INSTALLER)

    first = offline.run("tools/pulumi", "version")
    second = offline.run("tools/pulumi", "version")

    assert first.stdout == second.stdout == f"v{offline.version} by the installer\n"
    assert second.stderr == ""
    assert not builds(offline)


def test_an_installer_out_of_reach_gives_way_to_a_build_with_one_line(offline: Checkout) -> None:
    done = offline.run("tools/pulumi", "version")

    assert done.stdout == "v3.259.0 by Go\n"
    lines = done.stderr.splitlines()
    assert len(lines) == 3
    assert "installer can't be reached (curl: (6) Could not resolve host: get.pulumi.com)" in lines[0]
    assert "building Pulumi" in lines[1]
    assert "is ready" in lines[2]
    programs = sorted(path.name for path in (offline.cache / f"pulumi-{offline.version}/bin").iterdir())
    assert programs == [
        "pulumi",
        "pulumi-language-python",
        "pulumi-language-python-exec",
        "pulumi-resource-pulumi-python",
    ]
    assert all(f"version.Version=v{offline.version} " in build for build in builds(offline))


def test_an_installer_that_fails_gives_way_to_a_build(offline: Checkout) -> None:
    offline.write_program(
        offline.programs / "curl", '#!/bin/sh\nfor file; do :; done\necho "echo no space; exit 1" >"$file"\n'
    )

    done = offline.run("tools/pulumi", "version")

    assert done.stdout == "v3.259.0 by Go\n"
    assert "installer failed (no space)" in done.stderr


def test_when_nothing_works_one_error_says_what_to_do(offline: Checkout) -> None:
    add_go(offline, code=1)

    done = offline.run("tools/pulumi", "version")

    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.count("error:") == 1
    for advice in ("no such host", "install Pulumi yourself", "reach https://get.pulumi.com", "install Go"):
        assert advice in done.stderr
    assert list(offline.cache.iterdir()) == []


def test_a_go_that_is_too_old_is_named(offline: Checkout) -> None:
    add_go(offline, version="1.20.3")

    done = offline.run("tools/pulumi", "version")

    assert done.returncode == 1
    assert f"The Go at {offline.programs}/go is 1.20.3, which is too old" in done.stderr
    assert not builds(offline)


def test_two_at_once_build_once(offline: Checkout) -> None:
    add_go(offline, seconds=0.5)
    start = [
        subprocess.Popen(["tools/pulumi", "version"], cwd=offline.root, env=offline.environment, stdout=subprocess.PIPE)
        for _ in range(2)
    ]

    assert [process.communicate(timeout=60)[0] for process in start] == [b"v3.259.0 by Go\n"] * 2
    assert len(builds(offline)) == 2  # the language host and the CLI, each once

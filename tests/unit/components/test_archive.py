"""The contents of an archive, that it is the same everywhere, and when it is made again."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import time
from dataclasses import replace
from pathlib import Path
from signal import SIGINT
from zipfile import ZipFile

import pytest

from components.packaging import source_files
from components.packaging.archive import Archive, make_archive
from components.packaging.deterministic_zip import MAX_MEMBERS, stored, write
from components.packaging.platforms import LAMBDA
from function_code.errors import Refused
from tests.support.archive_project import SERVING, Project

X86 = LAMBDA["x86_64"]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project that both `build` here and its own commands make packages of."""
    project = Project(tmp_path / "project", tmp_path / "index", tmp_path / "cache")
    monkeypatch.setattr(source_files, "ROOT", project.root)
    monkeypatch.setattr(source_files, "CODE", project.root / "function_code")
    for name, value in project.environment().items():
        monkeypatch.setenv(name, value)
    return project


def build(package: str = "serving", **changes: object) -> tuple[Archive, list[str]]:
    """Makes an archive; returns it with the lines of progress."""
    progress: list[str] = []
    return make_archive(package, replace(X86, **changes), progress.append), progress  # type: ignore[arg-type]


def names(of: Archive) -> set[str]:
    with ZipFile(of.path) as file:
        assert file.testzip() is None
        return set(file.namelist())


def test_an_archive_holds_what_its_package_needs(project: Project) -> None:
    serving, training = names(build("serving")[0]), names(build("training")[0])
    library = {"__init__.py", "core.so"}
    about = {"METADATA", "licenses/LICENSE.txt"}
    assert {name for name in serving if not name.startswith("function_code/")} == {
        *(f"store_client/{name}" for name in library),
        *(f"store_client-1.0.dist-info/{name}" for name in about),
    }
    assert {"function_code/entrypoints/__init__.py", "function_code/serving/page/page.html"} <= serving
    assert not any(name.startswith("function_code/training/") for name in serving)
    assert {"function_code/training/run.py", "function_code/scoring/scorer.py", "frames/big.txt"} <= training
    assert "frames/source.pyx" not in training


def test_the_unpacked_files_are_those_of_project_and_wheel(project: Project, tmp_path: Path) -> None:
    with ZipFile(build("training")[0].path) as file:
        file.extractall(tmp_path / "unpacked")
    assert (tmp_path / "unpacked/frames/big.txt").read_text() == "frame " * 5000
    for path in source_files.sources():
        assert (tmp_path / "unpacked" / path.relative_to(project.root)).read_bytes() == path.read_bytes()


def test_time_and_modes_are_fixed(project: Project) -> None:
    with ZipFile(build()[0].path) as file:
        entries = file.infolist()
    assert [entry.filename for entry in entries] == sorted(entry.filename for entry in entries)
    assert {entry.date_time for entry in entries} == {(1980, 1, 1, 0, 0, 0)}
    executable = {entry.filename for entry in entries if entry.external_attr >> 16 == 0o100755}
    assert executable == {"store_client/core.so"}
    assert {entry.external_attr >> 16 for entry in entries if entry.filename not in executable} == {0o100644}


def test_its_facts_are_those_of_the_file(project: Project) -> None:
    archive = build("training")[0]
    with ZipFile(archive.path) as file:
        assert archive.unpacked == sum(entry.file_size for entry in file.infolist())
    assert archive.packed == Path(archive.path).stat().st_size
    assert archive.sha256 == source_files.file_digest(Path(archive.path))
    assert list(archive.parts) == ["function_code", "frames"]
    assert archive.object_name == f"training-python3.13-x86_64-{archive.sha256}.zip"


def test_a_training_in_two_archives_is_the_same_in_all(project: Project) -> None:
    more = project.wheel("store_client", SERVING)
    project.lock("training", {"frames": next(project.index.glob("frames*")), "store-client": more})
    code, libraries = build("training_code")[0], build("training_libraries")[0]
    assert list(code.parts) == ["function_code", "store-client"]
    assert list(libraries.parts) == ["frames"]
    assert names(code) | names(libraries) == names(build("training")[0])
    project.lock("serving", {})
    assert "store-client" in build("training_libraries")[0].parts


def test_the_same_bytes_from_another_place_at_another_time_under_another_umask(
    project: Project, tmp_path: Path
) -> None:
    one = project.package(TZ="UTC", PYTHONHASHSEED="1")
    other = Project(tmp_path / "elsewhere" / "deeper", tmp_path / "index", tmp_path / "another cache")
    for path in other.root.rglob("*"):
        path.chmod(0o700)
        os.utime(path, (10**9, 10**9))
    before = os.umask(0o077)
    try:
        two = other.package(TZ="Pacific/Kiritimati", PYTHONHASHSEED="2", LC_ALL="C")
    finally:
        os.umask(before)
    assert one.returncode == two.returncode == 0, one.stderr + two.stderr
    assert project.zips() == other.zips()
    assert set(project.zips()) == {"serving", "training_code", "training_libraries"}


def test_another_line_of_code_lock_or_processor_is_another_archive(project: Project) -> None:
    digests = [build()[0].sha256]
    page = project.root / "function_code" / "serving" / "page" / "page.css"
    page.write_text(page.read_text() + "\n")
    digests.append(build()[0].sha256)
    more = project.wheel("more", {"more.py": ""})
    project.lock("serving", {"store-client": next(project.index.glob("store_client*")), "more": more})
    digests.append(build()[0].sha256)
    project.wheel("more", {"more.py": ""}, script=True)
    project.lock("serving", {"store-client": next(project.index.glob("store_client*")), "more": more})
    digests.append(build()[0].sha256)
    assert len(set(digests)) == len(digests)


def test_conditions_are_judged_by_the_target_and_not_by_this_python(project: Project) -> None:
    wheel = project.wheel("old", {"old.py": ""})
    project.lock("serving", {"old": wheel}, " ; python_full_version < '3.13' or sys_platform == 'win32'")
    assert "old" not in build()[0].parts
    project.lock("serving", {"old": wheel}, " ; python_full_version >= '3.13' and platform_machine == 'x86_64'")
    assert "old" in build()[0].parts


def test_what_a_wheel_has_for_the_top_gets_there_and_its_scripts_do_not(project: Project) -> None:
    wheel = project.wheel("odd", {"odd-1.0.data/purelib/odd.py": "", "odd-1.0.data/scripts/odd": "#!python"})
    project.lock("serving", {"odd": wheel})
    files = names(build()[0])
    assert "odd.py" in files
    assert not any(".data/" in name for name in files)


def test_the_second_time_nothing_is_downloaded_or_said(project: Project) -> None:
    first, progress = build()
    assert "downloading the libraries of serving for python3.13-x86_64" in progress[0]
    shutil.rmtree(project.index)
    started = time.perf_counter()
    assert build() == (first, [])
    assert time.perf_counter() - started < 0.2
    page = project.root / "function_code" / "serving" / "page" / "page.css"
    page.write_text(page.read_text() + "\n")
    second, progress = build()
    assert (second.sha256 == first.sha256, progress) == (False, [])


@pytest.mark.parametrize("damaged", ["*.zip", "*.json"])
def test_a_damaged_archive_is_made_again(project: Project, damaged: str) -> None:
    first = build()[0]
    (path,) = Path(first.path).parent.glob(damaged)
    path.write_bytes(path.read_bytes()[:-9] + b"?" * 9)
    assert build() == (first, [])
    assert source_files.file_digest(Path(first.path)) == first.sha256


def test_a_damaged_wheel_is_downloaded_again(project: Project) -> None:
    first = build()[0]
    (wheel,) = Path(first.path).parent.glob("wheels-*/*.whl")
    wheel.write_bytes(wheel.read_bytes()[:-9])
    Path(first.path).unlink()
    again, progress = build()
    assert (again, len(progress)) == (first, 1)


def test_archives_that_nobody_used_for_a_week_go(project: Project) -> None:
    old, used = build()[0], build("training")[0]
    for archive in (old, used):
        os.utime(archive.path, (0, 0))
    build("training")
    page = project.root / "function_code" / "serving" / "page" / "page.css"
    page.write_text(page.read_text() + "\n")
    build()
    assert (Path(old.path).exists(), Path(used.path).exists()) == (False, True)


def test_the_cache_is_in_the_home_unless_it_is_said_otherwise(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert Path(build()[0].path).parent == tmp_path / "home/.cache/serverless-ml/archives"
    monkeypatch.delenv("HOME")
    with pytest.raises(Refused, match="neither HOME nor XDG_CACHE_HOME is set"):
        build()


def test_a_file_that_is_not_the_locked_one_is_refused(project: Project) -> None:
    project.wheel("store_client", {"store_client/__init__.py": "stolen = True"})
    with pytest.raises(Refused) as refused:
        build()
    assert "\n" not in str(refused.value)
    assert str(refused.value).startswith(
        "the libraries of requirements/serving.txt for python3.13-x86_64: store-client==1.0 is another file than"
    )


def test_a_library_without_a_wheel_for_the_target_is_refused(project: Project) -> None:
    wheel = project.wheel("native", {"native.so": ""}, tag="cp313-cp313-manylinux_2_28_aarch64")
    project.lock("serving", {"native": wheel})
    with pytest.raises(Refused, match=r"^the libraries of .* there is no wheel of native==1\.0, or [^\n]*make lock"):
        build()
    assert "native" in make_archive("serving", LAMBDA["arm64"], print).parts


def test_too_much_for_the_target_is_refused_with_the_ten_biggest(project: Project) -> None:
    wheels = {f"part{n}": project.wheel(f"part{n}", {f"part{n}.txt": "x" * 100_000 * n}) for n in range(2, 14)}
    project.lock("serving", wheels)
    with pytest.raises(Refused) as refused:
        build(limit=9_000_000)
    text = str(refused.value)
    # 9.0 MB of parts, and the code, which grows.
    assert re.search(r"the archive of serving unpacks to 9\.[1-9] MB and python3\.13-x86_64 takes 9\.0", text)
    assert text.endswith(", ".join(f"part{n} {n / 10:.1f}" for n in range(13, 3, -1)))
    assert build(limit=10_000_000)[0].unpacked > 9_000_000


def test_more_files_than_a_zip_takes_are_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="more files than a zip"):
        write(tmp_path / "zip", ((str(number), stored(b"")) for number in range(MAX_MEMBERS + 1)))


def test_two_at_once_make_the_same(project: Project) -> None:
    with project.start() as one, project.start() as other:
        printed = [process.communicate(timeout=60) for process in (one, other)]
    assert (one.returncode, other.returncode) == (0, 0), printed
    assert printed[0][0] == printed[1][0]
    # Three archives with their facts, and the wheels of two locks.
    assert len(project.cached()) == 8, project.cached()


def test_a_download_shows_that_it_lives_and_leaves_nothing_when_interrupted(project: Project) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        index = f"http://127.0.0.1:{silent.getsockname()[1]}/simple"
        with project.start(PIP_INDEX_URL=index, PIP_NO_INDEX="0", PIP_FIND_LINKS="") as process:
            assert process.stderr is not None
            assert "downloading" in process.stderr.readline()
            assert " 3 s " in process.stderr.readline()
            process.send_signal(SIGINT)
            out, err = process.communicate(timeout=20)
    assert (process.returncode, out, err) == (130, "", "error: interrupted; nothing half-made is left\n")
    assert project.cached() == []
    assert str(project.cache) not in subprocess.check_output(["ps", "-ewwo", "args"], text=True)

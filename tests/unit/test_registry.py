"""Versions are whole or absent, and the pointer always names a whole one."""

import json
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from function_code.errors import Conflict, NotFound, Refused
from function_code.registry import Registry
from function_code.store import Store
from tests.support.paths import ROOT


def publish(registry: Registry, content: bytes) -> str:
    return registry.publish({"gates": []}, {"model.json": content})


def test_a_version_is_written_whole(registry: Registry) -> None:
    version = publish(registry, b"{}")
    manifest = registry.manifest(version)
    assert registry.versions() == [version]
    assert manifest["version"] == version
    assert manifest["artifacts"]["model.json"]["bytes"] == 2
    assert registry.artifact(version, "model.json", manifest) == b"{}"
    assert registry.pointer() is None


def test_versions_sort_by_time(registry: Registry) -> None:
    versions = [publish(registry, b"%d" % number) for number in (3, 1, 2)]
    assert registry.versions() == versions


def test_a_corrupt_artifact_is_refused(registry: Registry) -> None:
    version = publish(registry, b"{}")
    registry.store.put(f"models/model/versions/{version}/model.json", b"[]")
    with pytest.raises(Refused, match=r"model\.json of version .* is corrupt"):
        registry.artifact(version, "model.json", registry.manifest(version))


def test_promote_and_roll_back(registry: Registry) -> None:
    first, second, third = (publish(registry, b"%d" % number) for number in range(3))
    for version in (first, second, third):
        assert registry.promote(version).stable == version
    assert [registry.rollback().stable, registry.rollback().stable] == [second, first]
    with pytest.raises(NotFound, match="has served no version before"):
        registry.rollback()


def test_a_canary_stands_beside_the_stable_version_until_withdrawn_or_promoted(registry: Registry) -> None:
    first, second = publish(registry, b"1"), publish(registry, b"2")
    registry.promote(first)
    assert registry.promote(second, 0.1).canary == (second, 0.1)
    withdrawn = registry.rollback()
    assert (withdrawn.stable, withdrawn.canary) == (first, None)
    registry.promote(second, 0.1)
    promoted = registry.promote(second)
    assert (promoted.stable, promoted.canary, promoted.previous) == (second, None, (first,))


@pytest.mark.parametrize("weight", [0, 1, -0.1, 1.5, float("nan")])
def test_a_weight_outside_of_0_to_1_is_refused(registry: Registry, weight: float) -> None:
    first, second = publish(registry, b"1"), publish(registry, b"2")
    registry.promote(first)
    with pytest.raises(Refused, match="weight is between 0 and 1"):
        registry.promote(second, weight)


def test_what_makes_no_sense_is_refused(registry: Registry) -> None:
    version = publish(registry, b"1")
    with pytest.raises(Refused, match="serves nothing yet"):
        registry.promote(version, 0.5)
    with pytest.raises(NotFound, match="nothing to roll back"):
        registry.rollback()
    with pytest.raises(NotFound, match=f"has no version 'nope' .newest: {version}"):
        registry.promote("nope")
    registry.promote(version)
    with pytest.raises(Refused, match="is the stable one"):
        registry.promote(version, 0.5)


def test_a_stale_pointer_loses(registry: Registry) -> None:
    first, second = publish(registry, b"1"), publish(registry, b"2")
    registry.promote(first)
    before = registry.pointer()
    assert before
    registry.promote(second)
    with pytest.raises(Conflict):
        registry.point(before, before.moved_to(first))


def test_a_damaged_pointer_is_named(registry: Registry) -> None:
    registry.store.put("models/model/serving.json", b"{}")
    with pytest.raises(Refused, match=r"serving\.json .* is not a pointer"):
        registry.pointer()


def test_promotions_at_the_same_moment_all_count(registry: Registry) -> None:
    versions = [publish(registry, b"%d" % number) for number in range(6)]
    threads = [threading.Thread(target=registry.promote, args=(version,)) for version in versions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    pointer = registry.pointer()
    assert pointer
    assert {pointer.stable, *pointer.previous} == set(versions)


PUBLISH_AND_DIE = """
import os, sys
from function_code.registry import Registry
from function_code.store import Store

class Dying(Store):
    left = int(sys.argv[2])
    def _call(self, key, call):
        if Dying.left == 0:
            os._exit(9)
        Dying.left -= 1
        return super()._call(key, call)

registry = Registry(Dying(sys.argv[1]), "model")
version = registry.publish({"gates": []}, {"model.json": b"new", "pipeline.joblib": b"new"})
registry.promote(version)
print("finished")
"""


def test_killed_at_any_step_of_publishing_the_pointer_names_a_whole_version(tmp_path: Path) -> None:
    registry = Registry(Store(str(tmp_path)), "model")
    old = publish(registry, b"old")
    registry.promote(old)
    for step in range(20):
        ended = subprocess.run(
            [sys.executable, "-c", PUBLISH_AND_DIE, str(tmp_path), str(step)],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        pointer = registry.pointer()
        assert pointer
        for version in {*registry.versions(), pointer.stable}:
            manifest = registry.manifest(version)
            for name in manifest["artifacts"]:
                registry.artifact(version, name, manifest)
        if "finished" in ended.stdout:
            assert pointer.stable != old
            break
        assert ended.returncode == 9, ended.stderr
        assert pointer.stable == old
    else:
        pytest.fail("publishing never finished")
    assert step >= 5


def test_the_pointer_is_plain_json(registry: Registry) -> None:
    first, second = publish(registry, b"1"), publish(registry, b"2")
    registry.promote(first)
    registry.promote(second, 0.25)
    content = json.loads(registry.store.get("models/model/serving.json"))
    assert content == {"stable": first, "canary": {"version": second, "weight": 0.25}, "previous": [], "withdrawn": []}


def test_a_rollback_keeps_who_and_why_until_the_version_is_promoted_by_name(registry: Registry) -> None:
    first, second = publish(registry, b"1"), publish(registry, b"2")
    registry.promote(first)
    registry.promote(second)
    registry.rollback("ann", "amounts in cents")
    pointer = registry.pointer()
    assert pointer
    assert pointer.stable == first
    withdrawal = pointer.withdrawal(second)
    assert withdrawal
    assert (withdrawal["by"], withdrawal["because"]) == ("ann", "amounts in cents")
    assert pointer.withdrawal(first) is None
    registry.promote(second)
    pointer = registry.pointer()
    assert pointer
    assert pointer.withdrawn == ()


def test_a_rollback_passes_over_what_was_withdrawn_before(registry: Registry) -> None:
    first, second, third = (publish(registry, name) for name in (b"1", b"2", b"3"))
    for version in (first, second, third):
        registry.promote(version)
    registry.rollback()
    registry.promote(first)
    assert registry.rollback().stable == second
    with pytest.raises(NotFound, match="has served no version before"):
        registry.rollback()

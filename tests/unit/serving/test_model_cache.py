"""The version that serves, whatever happens to the store."""

import os
import shutil
from pathlib import Path

import pytest

from function_code.errors import Refused
from function_code.registry import Pointer, Registry
from function_code.serving import model_cache as module
from function_code.serving.model_cache import ModelCache
from tests.support import factories


def served(models: ModelCache) -> str | None:
    loaded = models.pick_version()
    return loaded.version if loaded else None


@pytest.fixture
def models(registry: Registry) -> ModelCache:
    return ModelCache(registry, refresh_seconds=5)


@pytest.fixture
def first(registry: Registry, models: ModelCache) -> str:
    """A version that serves."""
    version = factories.publish(registry)
    registry.promote(version)
    models.refresh()
    assert served(models) == version
    return version


def path_of(registry: Registry, version: str, name: str = "model.json") -> Path:
    return Path(registry.store.url) / "models" / "model" / "versions" / version / name


def test_nothing_serves_before_the_first_version(models: ModelCache) -> None:
    assert models.pick_version() is None
    models.refresh()
    assert models.pick_version() is None
    assert models.last_error is None


def test_a_promotion_and_a_rollback_are_followed(registry: Registry, models: ModelCache, first: str) -> None:
    second = factories.publish(registry, slope=0.2)
    models.refresh()
    assert served(models) == first
    registry.promote(second)
    models.refresh()
    assert served(models) == second
    registry.rollback()
    models.refresh()
    assert served(models) == first
    assert models.last_error is None


def test_an_unchanged_pointer_loads_nothing_anew(
    models: ModelCache, first: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = models.active
    monkeypatch.setattr(module, "load", None)
    models.refresh()
    assert models.active is before
    assert models.last_error is None


def test_a_canary_gets_its_share(registry: Registry, models: ModelCache, first: str) -> None:
    canary = factories.publish(registry, slope=0.2)
    registry.promote(canary, canary=0.1)
    models.refresh()
    chosen = [served(models) for _ in range(10_000)]
    assert set(chosen) == {first, canary}
    assert 850 < chosen.count(canary) < 1150  # five standard deviations
    registry.promote(canary, canary=0.9)
    models.refresh()
    assert [served(models) for _ in range(10_000)].count(canary) > 8500


def test_a_canary_that_is_promoted_or_withdrawn(
    registry: Registry, models: ModelCache, first: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    canary = factories.publish(registry, slope=0.2)
    registry.promote(canary, canary=0.5)
    models.refresh()
    monkeypatch.setattr(module, "load", None)  # all that follows is in memory
    registry.rollback()
    models.refresh()
    assert {served(models) for _ in range(100)} == {first}


@pytest.mark.parametrize("harm", ["cut", "empty", "missing", "not json", "other format"])
def test_a_corrupt_version_does_not_take_away_what_serves(
    registry: Registry, models: ModelCache, first: str, harm: str
) -> None:
    documents = {"not json": b"{", "other format": b'{"format": 99}'}
    second = factories.publish(registry, model=documents.get(harm))
    path = path_of(registry, second)
    if harm == "missing":
        path.unlink()
    elif harm in ("cut", "empty"):
        os.truncate(path, 0 if harm == "empty" else path.stat().st_size - 1)
    registry.promote(second)
    models.refresh()
    assert served(models) == first
    assert second in (models.last_error or "")


def test_a_version_that_cannot_score_its_own_example_is_not_taken(
    registry: Registry, models: ModelCache, first: str
) -> None:
    short = b'{"format":1,"encoder":{"width":0,"dates":[],"raw":[[3,0]],"scaled":[],"missing":[],"onehot":[]},'
    for model in (
        b'"link":"logistic","model":{"kind":"linear","weights":[[1.0]],"intercepts":[0]}}',
        b'"link":"identity","model":{"kind":"linear","weights":[[]],"intercepts":[0]}}',
    ):
        registry.promote(factories.publish(registry, model=short + model))
        models.refresh()
        assert served(models) == first
        assert "cannot be loaded" in (models.last_error or "")


def test_a_corrupt_canary_leaves_everything_to_the_stable_one(
    registry: Registry, models: ModelCache, first: str
) -> None:
    canary = factories.publish(registry, model=b"{")
    registry.promote(canary, canary=0.5)
    models.refresh()
    assert {served(models) for _ in range(100)} == {first}
    assert canary in (models.last_error or "")
    registry.rollback()
    models.refresh()
    assert models.last_error is None


def test_a_version_that_failed_is_tried_again_later(
    registry: Registry, models: ModelCache, first: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    second = factories.publish(registry, slope=0.2)
    path = path_of(registry, second)
    path.rename(path.with_suffix(".away"))
    registry.promote(second)
    models.refresh()
    path.with_suffix(".away").rename(path)
    models.refresh()
    assert served(models) == first, "not at every refresh: it may be large"
    monkeypatch.setattr(module, "RETRY_SECONDS", 0.0)
    models.refresh()
    assert served(models) == second
    assert models.last_error is None


def test_without_a_version_that_serves_it_is_tried_at_every_refresh(registry: Registry, models: ModelCache) -> None:
    version = factories.publish(registry)
    path = path_of(registry, version)
    path.rename(path.with_suffix(".away"))
    registry.promote(version)
    models.refresh()
    assert models.pick_version() is None
    assert models.last_error
    path.with_suffix(".away").rename(path)
    models.refresh()
    assert served(models) == version


def test_a_pointer_that_is_gone_or_garbage_changes_nothing(registry: Registry, models: ModelCache, first: str) -> None:
    pointer = Path(registry.store.url) / "models" / "model" / "serving.json"
    for content in (None, b"", b"[]", b'{"stable": 3}', b'{"stable": "nothing-like-it"}', b"\xff"):
        pointer.unlink(missing_ok=True)
        if content is not None:
            pointer.write_bytes(content)
        models.refresh()
        assert served(models) == first, content
        assert models.last_error, content


def test_a_store_that_is_gone_changes_nothing(registry: Registry, models: ModelCache, first: str) -> None:
    shutil.rmtree(registry.store.url)
    models.refresh()
    assert served(models) == first
    assert models.last_error


def test_a_store_that_fails_in_any_way_changes_nothing(
    registry: Registry, models: ModelCache, first: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for error in (
        Refused("no network"),
        OSError("no network"),
        ZeroDivisionError("no network"),
        MemoryError("no network"),
    ):

        def fail(error: Exception = error) -> Pointer | None:
            raise error

        monkeypatch.setattr(registry, "pointer", fail)
        models.refresh()
        assert served(models) == first
        assert "no network" in (models.last_error or "")


def test_stale_until_somebody_refreshes(registry: Registry) -> None:
    models = ModelCache(registry, refresh_seconds=60)
    assert models.stale()
    models.refresh()
    assert not models.stale()
    models.refresh_seconds = 0
    assert models.stale()

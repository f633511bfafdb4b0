from collections.abc import Callable
from typing import Any

import pytest

from function_code.registry import Registry
from function_code.schema import Schema
from function_code.serving.app import App
from function_code.serving.model_cache import ModelCache
from tests.support import factories


@pytest.fixture
def app_for(registry: Registry) -> Callable[..., App]:
    """Makes the app of a published model of a given schema."""

    def make(schema: Schema, slope: float = 0.1) -> App:
        registry.promote(factories.publish(registry, schema, slope))
        models = ModelCache(registry)
        models.refresh()
        assert models.last_error is None
        return App(models, "model")

    return make


@pytest.fixture
def app(app_for: Callable[[Schema], App]) -> App:
    return app_for(factories.BINARY)


@pytest.fixture
def empty_app(registry: Registry) -> App:
    """An app whose model has no version yet."""
    models = ModelCache(registry)
    models.refresh()
    return App(models, "model")


@pytest.fixture
def instance() -> dict[str, Any]:
    return {"age": 30, "plan": "pro", "new": None, "since": "2025-06-01", "user_id": "u-1"}

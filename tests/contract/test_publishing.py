"""Two trainings that publish at once, into the store of each cloud."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from function_code.training.publish import TrainedVersion, publish
from function_code.training.run import fit
from function_code.training.settings import Settings
from tests.support.customers import table
from tests.support.fault_proxy import Front
from tests.support.runtime_parameters import IN_CLOUDS
from tests.support.runtimes import RuntimeStore


@pytest.fixture(scope="module")
def trained() -> list[TrainedVersion]:
    settings = Settings("bought", id=("customer",), budget=1)
    return [fit(table(seed), "customers.csv", settings, print) for seed in range(2)]


@IN_CLOUDS
def test_two_that_publish_at_once_do_not_lose_each_others_change(
    runtime_store: RuntimeStore, front: Front, trained: list[TrainedVersion]
) -> None:
    front.meeting = threading.Barrier(2)
    registries = [runtime_store.registry for _ in trained]
    with ThreadPoolExecutor() as pool:
        outcomes = list(pool.map(publish, trained, registries))

    writes = [status for method, path, status in front.seen if method == "PUT" and path.endswith("/serving.json")]
    written, refused = sorted(writes[:2])
    assert written in (200, 201)
    assert refused in (409, 412)
    registry = runtime_store.registry
    assert {outcome.version for outcome in outcomes} == set(registry.versions())
    promoted = [outcome.version for outcome in outcomes if outcome.promoted]
    pointer = registry.pointer()
    assert pointer is not None
    assert sorted([pointer.stable, *pointer.previous]) == sorted(promoted)

"""The endpoint in Azure's own worker library, by requests as the host hands them on."""

from pathlib import Path

from function_code.registry import Registry
from tests.support import factories
from tests.support.azure import archives, identity
from tests.support.azure.adapter import HEADERS
from tests.support.azure.azurite import Azurite
from tests.support.azure.runtime import App, Start
from tests.support.runtimes import Answer

BODY = '{"instances": [{"age": 30, "plan": "pro", "user_id": "u-1"}]}'


def predict(app: App) -> Answer:
    return app.request("POST", "/predict", BODY, HEADERS)


def test_one_function_has_every_path_and_wants_a_key(start: Start) -> None:
    endpoint = start("serving")
    (function,) = endpoint.functions.values()
    trigger = next(binding for binding in function["bindings"] if binding["type"] == "httpTrigger")
    assert (trigger["route"], trigger["authLevel"]) == ("{*path}", "FUNCTION")
    assert {"GET", "HEAD", "POST"} < set(trigger["methods"])
    assert endpoint.settings["extensions"]["http"]["routePrefix"] == ""
    assert endpoint.settings["functionTimeout"] == "00:00:30"


def test_where_somebody_else_asks_who_it_is_no_key_is_wanted(
    surroundings: dict[str, str], url: str, python: str, library: Path, tmp_path: Path
) -> None:
    package = archives.unpack_package("serving", tmp_path / "open", "ANONYMOUS")
    with App(python, package, library, tmp_path / "app", {**surroundings, "STORE": url, "MODEL": "model"}) as app:
        bindings = app.functions["predict"]["bindings"]
        assert [each["authLevel"] for each in bindings if "authLevel" in each] == ["ANONYMOUS"]


def test_the_store_is_read_by_the_apps_identity(start: Start, registry: Registry, storage: Azurite) -> None:
    registry.promote(factories.publish(registry))
    with identity.serving(storage) as environment:
        assert predict(start("serving", **environment)).status == 200
        stranger = start("serving", **{**environment, "IDENTITY_HEADER": "of another instance"})
        assert predict(stranger).status == 503

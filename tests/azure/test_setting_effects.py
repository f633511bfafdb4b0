"""Updates of a settled stack on Azure that are planned with other settings, or refused; none of them changes it."""

import pytest

from tests.support.cloud_project import AzureProject
from tests.support.updates import errors

pytestmark = pytest.mark.smoke


@pytest.mark.parametrize(
    ("settings", "changes"),
    [
        ({"memory": "2048"}, ["Update WebApp endpoint-app"]),
        ({"budget": "30"}, ["Update Stash trainer-dataset", "Update WebApp trainer-app"]),
        ({"training_memory": "2048"}, ["Update WebApp trainer-app"]),
        ({"schedule": "rate(1 day)"}, ["Update Stash trainer-code", "Update WebApp trainer-app"]),
        ({"public": "true"}, ["Update Stash endpoint-code", "Update WebApp endpoint-app"]),
        ({"cors[0]": "https://example.com"}, ["Update WebApp endpoint-app"]),
        (
            {
                "entra_client_id": "99999999-2222-3333-4444-555555555555",
                "callers[0]": "11111111-2222-3333-4444-555555555555",
            },
            ["Create WebAppAuthSettingsV2 endpoint-callers", "Update Stash endpoint-code"],
        ),
        ({"log_days": "90"}, ["Update Workspace telemetry-workspace"]),
        ({"stale_days": "2"}, ["Create ScheduledQueryRule monitoring-alarms-stale"]),
        ({"alarm_email": "ops@example.com"}, ["Update ActionGroup monitoring-action-group"]),
        ({"monthly_limit": "50"}, ["Update Budget monitoring-budget"]),
        ({"reserved_concurrency": "7"}, ["Update WebApp endpoint-app"]),
        ({"provisioned_concurrency": "1"}, ["Update WebApp endpoint-app"]),
        ({"disposable": "false"}, []),
    ],
    ids=lambda value: ",".join(value) if isinstance(value, dict) else "",
)
def test_a_setting_touches_what_it_is_about_and_nothing_else(
    as_it_comes: AzureProject, settings: dict[str, str], changes: list[str]
) -> None:
    with as_it_comes.configured(settings):
        assert as_it_comes.planned() == changes


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({"memory": "1024"}, "memory is 1024; it can be 512, 2048, 4096: pulumi config set memory VALUE"),
        ({"throttle.rate": "1"}, "throttle is set, which Azure has not; reserved_concurrency caps the instances"),
        ({"callers[0]": "eve@example.com"}, "callers names 'eve@example.com', which is no object id in Entra ID"),
        ({"callers[0]": "11111111-2222-3333-4444-555555555555"}, "callers names principals, but entra_client_id"),
        (
            {"entra_client_id": "99999999-2222-3333-4444-555555555555"},
            "entra_client_id is set, but callers names nobody",
        ),
        ({"training_memory": "8192"}, "training_memory is 8192; to train from a package it can be 512, 2048, 4096"),
        ({"image": "true", "training_memory": "512"}, "training_memory is 512; to train from an image it can be 2048"),
        ({"azure-native:location": ""}, "azure-native:location is not set; it can be one such as westeurope"),
    ],
    ids=lambda value: ",".join(value) if isinstance(value, dict) else "",
)
def test_what_cannot_be_meant_is_named_before_anything_is_changed(
    as_it_comes: AzureProject, settings: dict[str, str], problem: str
) -> None:
    as_it_comes.forget()
    with as_it_comes.configured(settings):
        printed = as_it_comes.up(code=1)
    (line,) = errors(printed)
    assert line.startswith(problem)
    assert as_it_comes.changes() == []

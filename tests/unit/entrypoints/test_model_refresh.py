"""The time after which functions look for another pointer."""

import pytest

from function_code.entrypoints.model_refresh import refresh_seconds


def test_functions_look_for_another_pointer_every_five_seconds_or_as_often_as_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("REFRESH_SECONDS", raising=False)
    assert refresh_seconds() == 5
    monkeypatch.setenv("REFRESH_SECONDS", "0.5")
    assert refresh_seconds() == 0.5

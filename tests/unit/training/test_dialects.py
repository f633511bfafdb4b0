"""One table in a hundred dialects is read as the clean one."""

from hypothesis import HealthCheck, given, settings

from tests.support.dialects import DIALECT, Dialect, assert_is_read_as_the_clean_table


@settings(max_examples=100, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(DIALECT)
def test_a_hundred_dialects(dialect: Dialect) -> None:
    assert_is_read_as_the_clean_table(dialect)

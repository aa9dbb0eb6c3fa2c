"""Minor units of currencies."""

from __future__ import annotations

import pytest

from tillhand_common.currencies import minor_digits


@pytest.mark.parametrize(
    ("currency", "digits"), [("EUR", 2), ("USD", 2), ("JPY", 0), ("KWD", 3), ("CLF", 4), ("", 2), ("eur", 2)]
)
def test_minor_units_are_those_of_the_standard(currency: str, digits: int) -> None:
    assert minor_digits(currency) == digits

"""Prices as integer minor units, exactly."""

from __future__ import annotations

import re
from decimal import Decimal

from tillhand_common.currencies import minor_digits

_CODE = re.compile(r"[A-Z]{3}")
_MAX_MINOR = 10**15


def is_currency(code: str) -> bool:
    """Whether `code` is written like an ISO 4217 code."""
    return _CODE.fullmatch(code) is not None


def to_minor(amount: Decimal, currency: str) -> int:
    """`amount` in minor units of `currency`.

    Raises `ValueError` when it is negative, too large or not a whole number of them.
    """
    if not amount.is_finite() or amount < 0 or amount > _MAX_MINOR:
        raise ValueError("must be between 0 and 10^15")
    minor = amount.scaleb(minor_digits(currency))
    if minor != minor.to_integral_value():
        raise ValueError(f"has more decimals than {currency} has")
    return int(minor)


def format_minor(minor: int, currency: str) -> str:
    """`12.90 EUR` for 1290 minor units."""
    exponent = minor_digits(currency)
    return f"{Decimal(minor).scaleb(-exponent):.{exponent}f} {currency}"

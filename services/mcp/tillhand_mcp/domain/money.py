"""Money as upstreams write it, and as the platform does: whole minor units with a currency."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from tillhand_common.currencies import minor_digits


def minor_units(amount: str, currency: str) -> int:
    """A decimal amount such as `12.90` in minor units. Raises `ValueError` where it is none, or finer than the unit."""
    try:
        scaled = Decimal(amount).scaleb(minor_digits(currency))
    except InvalidOperation as error:
        raise ValueError("the amount is no decimal number") from error
    if not scaled.is_finite() or scaled != scaled.to_integral_value():
        raise ValueError(f"the amount is finer than {currency} can be")
    return int(scaled)


def decimal_amount(minor: int, currency: str) -> str:
    """Minor units as a decimal amount: 1290 in EUR is `12.90`."""
    return str(Decimal(minor).scaleb(-minor_digits(currency)))

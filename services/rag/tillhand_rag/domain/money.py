"""Prices as integer minor units, exactly."""

from __future__ import annotations

import re
from decimal import Decimal

_CODE = re.compile(r"[A-Z]{3}")
# ISO 4217, table A.1: the currencies whose minor unit is not a hundredth.
_EXPONENTS = {
    **dict.fromkeys("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split(), 0),
    **dict.fromkeys("BHD IQD JOD KWD LYD OMR TND".split(), 3),
    **dict.fromkeys(["CLF", "UYW"], 4),
}
_DEFAULT_EXPONENT = 2
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
    minor = amount.scaleb(_EXPONENTS.get(currency, _DEFAULT_EXPONENT))
    if minor != minor.to_integral_value():
        raise ValueError(f"has more decimals than {currency} has")
    return int(minor)


def format_minor(minor: int, currency: str) -> str:
    """`12.90 EUR` for 1290 minor units."""
    exponent = _EXPONENTS.get(currency, _DEFAULT_EXPONENT)
    return f"{Decimal(minor).scaleb(-exponent):.{exponent}f} {currency}"

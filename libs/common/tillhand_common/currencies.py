"""Minor units of currencies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

USUAL: Final = 2
_OTHERS: Final[Mapping[str, int]] = {
    **dict.fromkeys("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split(), 0),
    **dict.fromkeys("BHD IQD JOD KWD LYD OMR TND".split(), 3),
    **dict.fromkeys(("CLF", "UYW"), 4),
}
"""ISO 4217, table A.1: the currencies whose minor unit is not the hundredth."""


def minor_digits(currency: str) -> int:
    """Digits of a currency's minor unit, as ISO 4217 has them; two for what it does not know."""
    return _OTHERS.get(currency, USUAL)

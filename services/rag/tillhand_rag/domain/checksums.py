"""Check digits of bank accounts and payment cards."""

from __future__ import annotations

from typing import Final

_IBAN_LENGTHS: Final = range(15, 35)
_COUNTRY_AND_CHECK: Final = 4


def is_luhn(digits: str) -> bool:
    """Whether the last digit is right (ISO/IEC 7812-1, annex B)."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value  # noqa: PLR2004  # the digits of 10 to 18 add up to nine less
    return total % 10 == 0


def is_iban(text: str) -> bool:
    """Whether a text is an account number with the right check digits (ISO 13616), whatever separates its groups."""
    bare = "".join(filter(str.isalnum, text)).upper()
    if len(bare) not in _IBAN_LENGTHS or not bare.isascii():
        return False
    turned = bare[_COUNTRY_AND_CHECK:] + bare[:_COUNTRY_AND_CHECK]
    return int("".join(str(int(character, 36)) for character in turned)) % 97 == 1

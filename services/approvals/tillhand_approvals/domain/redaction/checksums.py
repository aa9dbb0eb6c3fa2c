"""Numbers that carry their own check."""

from __future__ import annotations

import re
from typing import Final

_IIN: Final = {"2": (16,), "3": (14, 15, 16), "4": (13, 16, 19), "5": (16,), "6": (16, 17, 18, 19)}
"""How long cards' numbers are by their first digit: Mastercard, American Express, Diners, Visa, Maestro, Discover."""
_IBAN_LENGTH: Final = {
    "AD": 24, "AE": 23, "AL": 28, "AT": 20, "AZ": 28, "BA": 20, "BE": 16, "BG": 22, "BH": 22, "BR": 29, "BY": 28,
    "CH": 21, "CR": 22, "CY": 28, "CZ": 24, "DE": 22, "DK": 18, "DO": 28, "EE": 20, "EG": 29, "ES": 24, "FI": 18,
    "FO": 18, "FR": 27, "GB": 22, "GE": 22, "GI": 23, "GL": 18, "GR": 27, "GT": 28, "HR": 21, "HU": 28, "IE": 22,
    "IL": 23, "IQ": 23, "IS": 26, "IT": 27, "JO": 30, "KW": 30, "KZ": 20, "LB": 28, "LI": 21, "LT": 20, "LU": 20,
    "LV": 21, "MC": 27, "MD": 24, "ME": 22, "MK": 19, "MR": 27, "MT": 31, "MU": 30, "NL": 18, "NO": 15, "PK": 24,
    "PL": 28, "PS": 29, "PT": 25, "QA": 29, "RO": 24, "RS": 22, "SA": 24, "SE": 24, "SI": 19, "SK": 24, "SM": 27,
    "TN": 24, "TR": 26, "UA": 29, "VA": 22, "XK": 20,
}  # fmt: skip
"""Characters of an account's number by country: the SWIFT registry of IBANs."""


def digits_of(text: str) -> str:
    """Only its digits, as ASCII."""
    return "".join(str(int(each)) for each in text if each.isdecimal())


def luhn(digits: str) -> bool:
    """Whether the check digit is right (ISO/IEC 7812-1, annex B)."""
    total = 0
    for place, each in enumerate(reversed(digits)):
        value = int(each) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value  # noqa: PLR2004  # the sum of its two digits
    return total % 10 == 0


def is_card(digits: str) -> bool:
    """Whether it is as long as its issuer's cards are, and holds."""
    return len(digits) in _IIN.get(digits[:1], ()) and len(set(digits)) > 1 and luhn(digits)


def iban_end(text: str) -> int | None:
    """How many characters of the text are an account's number that holds (ISO 13616), spaces among them counted."""
    plain = [(place, each) for place, each in enumerate(text) if each not in " -"]
    length = _IBAN_LENGTH.get("".join(each for _, each in plain[:2]).upper())
    if length is None or len(plain) < length:
        return None
    body = "".join(each for _, each in plain[:length]).upper()
    if not re.fullmatch(r"[A-Z0-9]+", body):
        return None
    number = "".join(str(int(each, 36)) for each in body[4:] + body[:4])
    return plain[length - 1][0] + 1 if int(number) % 97 == 1 else None


def nhs(digits: str) -> bool:
    """Whether a number of the NHS holds (modulo 11, ten digits)."""
    check = 11 - sum(int(each) * (10 - place) for place, each in enumerate(digits[:9])) % 11
    return check % 11 == int(digits[9]) and check != 10  # noqa: PLR2004  # no such check digit

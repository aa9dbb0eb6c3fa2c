"""What a detector says of a text, and which kinds of things there are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

PERSON: Final = "PERSON"
ADDRESS: Final = "ADDRESS"
LOCATION: Final = "LOCATION"
ORGANIZATION: Final = "ORGANIZATION"
EMAIL: Final = "EMAIL_ADDRESS"
PHONE: Final = "PHONE_NUMBER"
CARD: Final = "CREDIT_CARD"
IBAN: Final = "IBAN_CODE"
SSN: Final = "US_SSN"
LICENSE: Final = "US_DRIVER_LICENSE"
PASSPORT: Final = "PASSPORT"
ACCOUNT: Final = "BANK_ACCOUNT"
ID: Final = "ID"
IP: Final = "IP_ADDRESS"
MAC: Final = "MAC_ADDRESS"
CRYPTO: Final = "CRYPTO"
DOMAIN: Final = "DOMAIN_NAME"
"""The address of a whole site or of somebody's profile."""
URL: Final = "URL"
"""The address of one page or file, which says nothing of a person."""
SECRET: Final = "SECRET"  # noqa: S105  # the name of a kind
DATE: Final = "DATE_TIME"
BIRTH: Final = "BIRTH_DATE"
TITLE: Final = "TITLE"
NRP: Final = "NRP"

IDENTIFYING: Final = frozenset(
    {
        PERSON, ADDRESS, EMAIL, PHONE, CARD, IBAN, SSN, LICENSE, PASSPORT, ACCOUNT, ID, IP, MAC, CRYPTO, DOMAIN, SECRET,
        BIRTH,
    }
)  # fmt: skip
"""What names or reaches a person. Places, organisations, dates and professions by themselves do not, and stay."""
KINDS: Final = IDENTIFYING | {LOCATION, ORGANIZATION, URL, DATE, TITLE, NRP}


@dataclass(frozen=True, slots=True)
class Span:
    """A part of a text: characters from `start` up to `end`, and how sure the detector is (0 to 1)."""

    kind: str
    start: int
    end: int
    score: float


@dataclass(frozen=True, slots=True)
class Finding:
    """Something personal in a value: where, of what kind; never the text. `path` is a JSON pointer."""

    path: str
    kind: str
    start: int
    end: int

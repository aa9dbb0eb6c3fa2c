"""Names that stand for a person within a tenant: always the same for one person, and telling nothing about them."""

from __future__ import annotations

import hashlib
import hmac
import re
import unicodedata
from typing import Final

_DIGITS: Final = 12
_EMAIL: Final = re.compile(r"[^@\s]{1,64}@[^@\s]{3,255}")
_PHONE: Final = re.compile(r"\+?[\d ()./-]{7,24}")


def pseudonym(key: bytes, tenant: str, subject: str, prefix: str = "customer") -> str:
    """`customer-` and 48 bits of HMAC-SHA256 (RFC 2104) under the tenant's own key, which the service's key yields."""
    own = hmac.digest(key, b"pseudonyms\0" + tenant.encode(), hashlib.sha256)
    return f"{prefix}-{hmac.digest(own, _plain(subject).encode(), hashlib.sha256).hex()[:_DIGITS]}"


def _plain(subject: str) -> str:
    """The same for every way of writing one address, one number or one id."""
    text = " ".join(unicodedata.normalize("NFKC", subject).casefold().split())
    if _EMAIL.fullmatch(text):
        return text
    if _PHONE.fullmatch(text) and ("+" in text or not text.isdecimal()):
        digits = re.sub(r"\D", "", text)
        return f"+{digits[2:]}" if digits.startswith("00") else f"+{digits}" if text.startswith("+") else digits
    return text

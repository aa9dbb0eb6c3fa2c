"""Takes out of texts what visitors should not have put there: people search for, and land on, their own addresses."""

from __future__ import annotations

import re
from typing import Final

REMOVED: Final = "[removed]"
_MAIL: Final = re.compile(r"[\w.+-]+(?:@|%40)[\w-]+(?:\.[\w-]+)+", re.IGNORECASE)
_NUMBER: Final = re.compile(r"(?<!\d)(?:\+|00|%2B)[1-9](?:[ /-]?\d){7,13}(?!\d)", re.IGNORECASE)


def scrubbed(text: str) -> str:
    """The text without mail addresses and international telephone numbers."""
    if "@" not in text and "%40" not in text and not any(sign in text for sign in ("+", "00", "%2")):
        return text
    return _NUMBER.sub(REMOVED, _MAIL.sub(REMOVED, text))

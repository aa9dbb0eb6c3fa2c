"""Keeps a text in a CSV file from being run as a formula by the spreadsheet that opens it.

A cell is one where it starts with `=`, `+`, `-` or `@`, with a wide, small or raised form of these, or with a tab or an
end of line (OWASP, CSV Injection: https://owasp.org/www-community/attacks/CSV_Injection). White space and invisible
characters in front do not help, because spreadsheets drop them. A spreadsheet that splits at semicolons, as those of
most of Europe do, sees a cell begin after each semicolon and on each new line, quoted or not: what follows there is
kept from running too.
"""

from __future__ import annotations

import re
from typing import Final

_TRIGGERS: Final = "=+\\-@\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b\u207c\u207a\u208c\u208a"
_UNSEEN: Final = (
    "\x00-\x09\x0b\x0c\x0e-\x20\x7f-\xa0\xad\u1680\u180e\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufeff"
)
_BEGINS: Final = f"^[{_UNSEEN}\r\n]*[{_TRIGGERS}]|^[\t\r\n]"
_WITHIN: Final = f'([;\r\n])([{_UNSEEN}"]*[{_TRIGGERS}])'
SUSPECT: Final = f"{_BEGINS}|{_WITHIN}"
"""Found in every text that `guarded` changes, and in no other; Python and Rust read it alike."""
_BEGINS_SO: Final = re.compile(_BEGINS)
_WITHIN_SO: Final = re.compile(_WITHIN)


def guarded(text: str) -> str:
    """A text that no spreadsheet runs: an apostrophe stands before what would be run, and nowhere else."""
    inner = _WITHIN_SO.sub(r"\1'\2", text)
    return f"'{inner}" if _BEGINS_SO.match(text) else inner

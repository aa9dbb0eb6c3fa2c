r"""Which characters of a text a reader cannot see, or could take for others, and where a text may be cut.

What is spelt with invisible characters stays whole: emoji and letters that are joined, variation selectors after what
varies, the flags of England, Scotland and Wales. Bidirectional controls are always told, also where they do no harm:
nobody can see whether they do. The boundaries of what a reader takes for one character follow the rules of
https://www.unicode.org/reports/tr29/ as far as `unicodedata` knows the properties that these need.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

LONGEST_CLUSTER: Final = 32
"""Characters that may belong together; a hostile text can stack them without end."""
VISIBLE: Final = re.compile(
    "[\n\t\x20-\x7e]+"
    "|\U0001f3f4\U000e0067\U000e0062"
    "(?:\U000e0065\U000e006e\U000e0067|\U000e0073\U000e0063\U000e0074|\U000e0077\U000e006c\U000e0073)\U000e007f"
)
"""What is seen for what it is without looking closer."""
_EMOJI_STYLE: Final = "\ufe0f"
_KEYCAP: Final = "\u20e3"
_NON_JOINER, _JOINER = "\u200c", "\u200d"
_CONTROLS: Final = {
    "\0": "null", "\a": "bell", "\b": "backspace", "\v": "line tabulation", "\f": "form feed", "\r": "carriage return",
    "\x1b": "escape", "\x7f": "delete", "\x85": "next line",
}  # fmt: skip
_UNNAMED: Final = {
    "Cc": "control character", "Co": "private use character", "Cs": "half a character", "Cn": "unassigned character",
}  # fmt: skip
_BLANK: Final = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0\ufffc\U0001d159")
"""What is a letter, a mark or a symbol by its category and yet shows nothing."""
_DRAWN: Final = frozenset("\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd")
"""What is a format character by its category and yet drawn around or over digits."""
_HIDDEN_KINDS: Final = frozenset(("Cc", "Cf", "Co", "Cs", "Zl", "Zp", "Zs"))
_JOINING: Final = frozenset(
    "ARABIC SYRIAC MANDAIC NKO MONGOLIAN DEVANAGARI BENGALI GURMUKHI GUJARATI ORIYA TAMIL TELUGU KANNADA MALAYALAM "
    "SINHALA KHMER MYANMAR TIBETAN BALINESE JAVANESE".split()
)
"""Scripts that are spelt with joiners."""
_VIRAMA: Final = 9
"""The combining class of what binds consonants."""


def hidden(text: str, at: int) -> str | None:
    """What the character there is called, if it cannot be seen or be told from another one; None where it can."""
    character = text[at]
    if character in (_JOINER, _NON_JOINER):
        return None if _joins_letters(text, at) else name(character)
    if _varies(character):
        return None if at and _can_vary(text[at - 1], character, text[at + 1 : at + 2]) else name(character)
    return name(character) if _is_hidden(character) else None


@lru_cache(maxsize=4_096)
def name(character: str) -> str:
    """The name of a character in small letters; of those without one, what they are."""
    if character in _CONTROLS:
        return _CONTROLS[character]
    kind = unicodedata.category(character)
    return unicodedata.name(character, _UNNAMED.get(kind, "unnamed character")).lower()


@lru_cache(maxsize=4_096)
def script(character: str) -> str:
    """The first word of its name, which is the script for letters."""
    return unicodedata.name(character, "").partition(" ")[0]


def is_accent(character: str) -> bool:
    """Whether it is drawn over the character before it."""
    return not character.isascii() and unicodedata.category(character) in ("Mn", "Me")


def boundary(text: str, at: int) -> int:
    """The last place up to this one that is within nothing that a reader takes for one character.

    Where none is near, the place itself: a stack of accents without end is no character.
    """
    for place in range(at, max(at - LONGEST_CLUSTER, -1), -1):
        if place in (0, len(text)) or not _continues(text, place):
            return place
    return at


@lru_cache(maxsize=4_096)
def _is_hidden(character: str) -> bool:
    kind = unicodedata.category(character)
    if kind == "Cn":
        return not "\U0001f000" <= character <= "\U0001faff"  # emoji that are newer than Python's tables
    return character in _BLANK or (kind in _HIDDEN_KINDS and character not in " \n\t" and character not in _DRAWN)


def _varies(character: str) -> bool:
    """Whether it is a variation selector."""
    return (
        "\ufe00" <= character <= "\ufe0f"
        or "\U000e0100" <= character <= "\U000e01ef"
        or character in "\u180b\u180c\u180d\u180f"
    )


def _can_vary(base: str, selector: str, after: str) -> bool:
    if selector < "\ufe00":
        return script(base) == "MONGOLIAN" and unicodedata.category(base) == "Lo"
    if script(base) in ("CJK", "MYANMAR"):
        return True
    symbol = not base.isascii() and unicodedata.category(base)[0] in "SP" and base not in _BLANK
    return selector <= "\ufe0f" and (symbol or (base in "#*0123456789" and after == _KEYCAP))


def _joins_letters(text: str, at: int) -> bool:
    """Whether a joiner stands where spelling wants it: between emoji, or within a word of a script that uses it."""
    if at == 0:
        return False
    before, after = text[at - 1], text[at + 1 : at + 2]
    if unicodedata.combining(before) == _VIRAMA:
        return script(before) in _JOINING
    if not after or _is_blank(before) or _is_blank(after):
        return False
    if text[at] == _JOINER and unicodedata.category(after) == "So":
        return _ends_emoji(text, at)
    return script(before) in _JOINING and script(after) == script(before)


def _is_blank(character: str) -> bool:
    return _is_hidden(character) or (_varies(character) and character != _EMOJI_STYLE)


def _ends_emoji(text: str, at: int) -> bool:
    """Whether an emoji ends there, be it with a selector or a tone of skin."""
    before = text[at - 1]
    if before == _EMOJI_STYLE:
        return at > 1 and _can_vary(text[at - 2 : at - 1], before, "")
    return unicodedata.category(before) == "So" or "\U0001f3fb" <= before <= "\U0001f3ff"


def _continues(text: str, at: int) -> bool:
    """Whether the character there belongs to the one before it."""
    before, character = text[at - 1], text[at]
    if before == "\r" or before in "\n\t":
        return before == "\r" and character == "\n"
    if character.isascii():
        return False
    return _extends(character) or _is_bound(before, character) or _is_second_of_flag(text, at)


def _extends(character: str) -> bool:
    return (
        character in (_JOINER, _NON_JOINER)
        or unicodedata.category(character)[0] == "M"
        or "\U0001f3fb" <= character <= "\U0001f3ff"
        or "\U000e0020" <= character <= "\U000e007f"
    )


def _is_bound(before: str, character: str) -> bool:
    """Whether the one before it binds it: joined emoji, bound consonants, parts of a Hangul syllable."""
    if before == _JOINER:
        return unicodedata.category(character) in ("So", "Lo")
    if unicodedata.combining(before) == _VIRAMA:
        return unicodedata.category(character) == "Lo"
    vowel_or_tail = "\u1160" <= character <= "\u11ff" or "\ud7b0" <= character <= "\ud7fb"
    if "\u1100" <= before <= "\u115f" or "\ua960" <= before <= "\ua97c":
        return vowel_or_tail or script(character) == "HANGUL"
    return vowel_or_tail and script(before) == "HANGUL"


def _is_second_of_flag(text: str, at: int) -> bool:
    """Whether it is the second of a pair of letters that are a flag, counted from where such letters begin."""
    letters = 0
    while letters <= LONGEST_CLUSTER and at - letters >= 0 and "\U0001f1e6" <= text[at - letters] <= "\U0001f1ff":
        letters += 1
    return letters > 0 and letters % 2 == 0

"""Countries by their two letters: the three letters that Search Console uses, and the name that Analytics shows."""

from __future__ import annotations

from typing import Final

_TABLE: Final = """
AT aut Austria|AU aus Australia|BE bel Belgium|BG bgr Bulgaria|BR bra Brazil|CA can Canada|CH che Switzerland
CN chn China|CY cyp Cyprus|CZ cze Czechia|DE deu Germany|DK dnk Denmark|EE est Estonia|ES esp Spain
FI fin Finland|FR fra France|GB gbr United Kingdom|GR grc Greece|HR hrv Croatia|HU hun Hungary|IE irl Ireland
IL isr Israel|IN ind India|IS isl Iceland|IT ita Italy|JP jpn Japan|KR kor South Korea|LT ltu Lithuania
LU lux Luxembourg|LV lva Latvia|MT mlt Malta|MX mex Mexico|NL nld Netherlands|NO nor Norway|NZ nzl New Zealand
PL pol Poland|PT prt Portugal|RO rou Romania|SE swe Sweden|SG sgp Singapore|SI svn Slovenia|SK svk Slovakia
TR tur Türkiye|UA ukr Ukraine|US usa United States|ZA zaf South Africa
"""
_ROWS: Final = [entry.split(maxsplit=2) for line in _TABLE.strip().splitlines() for entry in line.split("|")]
_BY_CODE: Final = {code: (alpha3, name) for code, alpha3, name in _ROWS}
UNKNOWN: Final = "zzz"  # as Search Console has it
NOT_SET: Final = "(not set)"


def alpha3(code: str) -> str:
    """Return three letters in lower case."""
    return _BY_CODE.get(code.upper(), (UNKNOWN, ""))[0]


def name(code: str) -> str:
    """Return the English name."""
    return _BY_CODE.get(code.upper(), ("", NOT_SET))[1]

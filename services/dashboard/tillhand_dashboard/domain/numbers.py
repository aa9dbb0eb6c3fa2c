"""Numbers as people read them: grouped, with a true minus, short where asked and whole beside it.

Each function takes None for what is not known, and shows it as a dash that says so; so it does with what is no number.
Numbers are rounded half away from zero, from their decimal spelling: 2.675 is 2.68.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Final

Number = int | float | Decimal
MINUS: Final = "\u2212"
DASH: Final = "\u2014"
_TIMES: Final = "\u00d7"
_NO_MINOR: Final = frozenset("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split())
_THREE: Final = frozenset("BHD IQD JOD KWD LYD OMR TND".split())
_MOST_DIGITS: Final = 36
"""Digits before the point; a larger number is written with an exponent, so that no number fills a page."""
_ROUNDING: Final = Context(prec=_MOST_DIGITS + 40, rounding=ROUND_HALF_UP, Emin=-999_999_999, Emax=999_999_999)
_UNITS: Final = ("", "k", "M", "B", "T")
_THOUSAND: Final = 1_000
_CLOSE: Final = 100
"""A short form below it, in its unit, has a digit after the point."""
_ENDLESS: Final = 1_000_000
"""The exponent of what is too large to be anything's number."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A number as it is shown; `title` says what the text leaves out, and is empty where it leaves out nothing."""

    text: str
    title: str = ""

    @property
    def spoken(self) -> str:
        """What an assistive technology says."""
        return self.title or self.text


UNKNOWN: Final = Figure(DASH, "unknown")


def minor_digits(currency: str) -> int:
    """Digits of a currency's minor unit (ISO 4217)."""
    if currency in _NO_MINOR:
        return 0
    return 3 if currency in _THREE else 2


def integer(value: int | None, *, signed: bool = False) -> Figure:
    """A whole number, as `1,234`; `signed` has a plus before what is above zero."""
    return decimal(value, digits=0, signed=signed)


def decimal(value: Number | None, *, digits: int = 1, signed: bool = False) -> Figure:
    """A number with so many digits after the point, as `1,234.5`; the title has the others, where there are more."""
    exact = _exact(value)
    if exact is None:
        return UNKNOWN
    return _beside(_grouped(exact, digits, signed=signed), _whole(exact, signed=signed))


def percentage(share: Number | None, *, digits: int = 1, signed: bool = False) -> Figure:
    """A part of 1 as `12.5 %`."""
    exact = _exact(share)
    if exact is None:
        return UNKNOWN
    hundredfold = exact.scaleb(2, _ROUNDING)
    return _beside(f"{_grouped(hundredfold, digits, signed=signed)} %", f"{_whole(hundredfold, signed=signed)} %")


def multiple(value: Number | None, *, digits: int = 2) -> Figure:
    """How many times as much, with a multiplication sign behind it."""
    shown = decimal(value, digits=digits)
    if shown == UNKNOWN:
        return UNKNOWN
    return Figure(f"{shown.text} {_TIMES}", f"{shown.title} {_TIMES}" if shown.title else "")


def ratio(part: int | None, whole: int | None) -> Figure:
    """So many of so many, as `3 of 8`; the title has the percentage, where there is a whole to have a part of."""
    if part is None or whole is None:
        return UNKNOWN
    text = f"{integer(part).text} of {integer(whole).text}"
    exact, of = _exact(part), _exact(whole)
    return Figure(text, percentage(_ROUNDING.divide(exact, of)).text) if exact is not None and of else Figure(text)


def money(minor: int | None, currency: str, *, signed: bool = False) -> Figure:
    """An amount in minor units of its currency, as `EUR 1,234.50`."""
    exact = _exact(minor)
    if exact is None:
        return UNKNOWN
    digits = minor_digits(currency)
    return Figure(f"{currency} {_grouped(exact.scaleb(-digits, _ROUNDING), digits, signed=signed)}".lstrip())


def compact(value: Number | None, *, signed: bool = False) -> Figure:
    """A number in three digits or so, as `1.2k`; the title has the whole one."""
    exact = _exact(value)
    if exact is None:
        return UNKNOWN
    return _beside(_short(exact, signed=signed), _whole(exact, signed=signed))


def compact_money(minor: int | None, currency: str, *, signed: bool = False) -> Figure:
    """An amount in three digits or so, as `EUR 1.2k`; the title has the whole one."""
    exact = _exact(minor)
    if exact is None:
        return UNKNOWN
    short = _short(exact.scaleb(-minor_digits(currency), _ROUNDING), signed=signed)
    return _beside(f"{currency} {short}".lstrip(), money(minor, currency, signed=signed).text)


def interval(low: Figure, high: Figure, *, level: Number | None = None) -> Figure:
    """From one figure to another, as `38 to 52, 95 %`; `level` is how sure that is, as a part of 1.

    A bound that is not known is shown so; of two such nothing is known.
    """
    if low == UNKNOWN and high == UNKNOWN:
        return UNKNOWN
    sure = "" if level is None else f", {_trimmed(percentage(level, digits=2).text)}"
    exact = f"{low.spoken} to {high.spoken}{sure}"
    return _beside(f"{low.text} to {high.text}{sure}", exact)


def _exact(value: Number | None) -> Decimal | None:
    """The number as it is spelled; None for what is none."""
    if value is None or isinstance(value, bool):
        return None
    exact = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    if exact.is_zero():
        return Decimal(0)
    return exact if exact.is_finite() and abs(exact.adjusted()) < _ENDLESS else None


def _grouped(value: Decimal, digits: int, *, signed: bool) -> str:
    """With commas and so many digits after the point; what rounds to nothing has no sign."""
    if value and value.adjusted() >= _MOST_DIGITS:
        return _with_exponent(value, signed=signed)
    rounded = value.quantize(Decimal(1).scaleb(-digits), context=_ROUNDING)
    return _signed(f"{rounded.copy_abs():,f}", rounded, signed=signed)


def _whole(value: Decimal, *, signed: bool) -> str:
    """With each of its digits."""
    if value and (value.adjusted() >= _MOST_DIGITS or value.adjusted() < -_MOST_DIGITS):
        return _with_exponent(value, signed=signed)
    exponent = value.as_tuple().exponent
    digits = min(-exponent, _MOST_DIGITS) if isinstance(exponent, int) and exponent < 0 else 0
    return _trimmed(_grouped(value, digits, signed=signed))


def _short(value: Decimal, *, signed: bool) -> str:
    """In the first unit in which it rounds to less than a thousand: 999,400 is 999k, and 999,500 is 1M."""
    if value and value.adjusted() >= _MOST_DIGITS:
        return _with_exponent(value, signed=signed)
    for thousands, sign in enumerate(_UNITS):
        scaled = value.scaleb(-3 * thousands, _ROUNDING)
        digits = 1 if scaled.copy_abs() < _CLOSE else 0
        if scaled.copy_abs().quantize(Decimal(1), context=_ROUNDING) < _THOUSAND or sign == _UNITS[-1]:
            break
    return _trimmed(_grouped(scaled, digits, signed=signed)) + sign


def _with_exponent(value: Decimal, *, signed: bool) -> str:
    mantissa, _, exponent = f"{value.copy_abs():.2e}".partition("e")
    return _signed(f"{mantissa}e{exponent.lstrip('+').replace('-', MINUS)}", value, signed=signed)


def _signed(written: str, value: Decimal, *, signed: bool) -> str:
    if value < 0:
        return MINUS + written
    return f"+{written}" if signed and value > 0 else written


def _trimmed(written: str) -> str:
    """Without zeros that say nothing, after the point."""
    number, space, unit = written.partition(" ")
    if "." in number and "e" not in number:
        number = number.rstrip("0").rstrip(".")
    return f"{number}{space}{unit}"


def _beside(text: str, exact: str) -> Figure:
    """A text with the exact one as its title, where that says more."""
    return Figure(text, "" if _trimmed(text) == _trimmed(exact) else exact)

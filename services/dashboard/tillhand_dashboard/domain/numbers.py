"""Numbers as people read them: grouped, with a true minus, rounded, and whole beside it.

Each function takes None for what is not known, and shows it as a dash that says so; so it does with what is no number.
Numbers are rounded half away from zero, from their decimal spelling: 2.675 is 2.68.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Final

from tillhand_common.currencies import minor_digits

Number = int | float | Decimal
MINUS: Final = "\u2212"
DASH: Final = "\u2014"
_MOST_DIGITS: Final = 36
"""Digits before the point; a larger number is written with an exponent, so that no number fills a page."""
_ROUNDING: Final = Context(prec=_MOST_DIGITS + 40, rounding=ROUND_HALF_UP, Emin=-999_999_999, Emax=999_999_999)
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


def money(minor: int | None, currency: str, *, signed: bool = False) -> Figure:
    """An amount in minor units of its currency, as `EUR 1,234.50`."""
    exact = _exact(minor)
    if exact is None:
        return UNKNOWN
    digits = minor_digits(currency)
    return Figure(f"{currency} {_grouped(exact.scaleb(-digits, _ROUNDING), digits, signed=signed)}".lstrip())


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

"""Prices as catalogues write them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation

from tillhand_rag.domain.money import is_currency, to_minor
from tillhand_rag.domain.products import Price

_SYMBOLS = {"€": "EUR", "£": "GBP", "$": "USD", "US$": "USD", "¥": "JPY", "₹": "INR", "zł": "PLN", "kr": ""}
_WRITTEN = re.compile(r"(?P<before>[^\d\s.,+-]*)\s*(?P<amount>[+-]?\d[\d.,' ]*)\s*(?P<after>[^\d\s.,]*)")
_THOUSANDS = re.compile(r"[' ]")
_GROUP = 3


def read_price(value: object, currency: str, *, default: str = "") -> Price:
    """A price given as a number, as text ("12.90", "1.299,00 €") or as amount and currency.

    `currency` is what the record says beside it, or empty; `default` stands in when neither it nor the price says one.
    Raises `ValueError` that says what is wrong.
    """
    if isinstance(value, Mapping):
        nested = next(
            (str(value[key]).upper() for key in ("currency", "currency_code", "currencyCode") if value.get(key)), ""
        )
        return read_price(value.get("amount", value.get("value")), nested or currency, default=default)
    if isinstance(value, str):
        amount, written = _read_text(value)
        currency = currency or written
    elif isinstance(value, int | Decimal) and not isinstance(value, bool):
        amount = Decimal(value)
    else:
        raise ValueError("must be a decimal number or text")  # noqa: TRY004  # callers list value errors, whatever the type
    currency = currency or default
    if not currency:
        return Price(amount)
    return Price(amount, minor=to_minor(amount, currency), currency=currency)


def _read_text(text: str) -> tuple[Decimal, str]:
    match = _WRITTEN.fullmatch(text.replace("\xa0", " ").strip())
    if match is None:
        raise ValueError("is not a price")
    try:
        amount = Decimal(_point_decimal(_THOUSANDS.sub("", match["amount"])))
    except InvalidOperation:
        raise ValueError("is not a price") from None
    mark = match["before"] or match["after"]
    return amount, _SYMBOLS.get(mark, mark.upper() if is_currency(mark.upper()) else "")


def _point_decimal(digits: str) -> str:
    """`digits` with a decimal point and no grouping, whichever of comma and point stands for which."""
    comma, point = digits.rfind(","), digits.rfind(".")
    if comma < 0:
        return digits.replace(".", "") if digits.count(".") > 1 else digits
    if point > comma or (point < 0 and (digits.count(",") > 1 or len(digits) - comma - 1 == _GROUP)):
        return digits.replace(",", "")
    return digits.replace(".", "").replace(",", ".")

"""Customers: their names, addresses and numbers, all made up."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Final

from tillhand_mockshop.clock import moment
from tillhand_mockshop.dice import Wheel, between, dice, pick
from tillhand_mockshop.goods_text import slug
from tillhand_mockshop.identifiers import CUSTOMERS, Identifiers
from tillhand_mockshop.model import Address, Customer
from tillhand_mockshop.words_people import (
    COUNTRIES,
    DIGITS,
    FIRST_NAMES,
    LAST_NAMES,
    MAIL_HOSTS,
    PHONES,
    STREETS,
    TOWNS,
)

_COUNTRIES: Final = Wheel(COUNTRIES)
_WITH_PHONE: Final = 0.6
# Letters that end a British postcode: those that are read wrongly are left out.
_BRITISH: Final = "ABDEFGHJLNPQRSTUWXYZ"
_DUTCH: Final = "ABCDEGHJKLMNPRSTVWXZ"
_SLUGS: Final = {name: slug(name) for name in (*FIRST_NAMES, *LAST_NAMES)}


def _digits(random: Random, number: int) -> str:
    return str(int(random.random() * 10**number)).zfill(number) if number else ""


def _postcode(random: Random, country: str, beginning: str) -> str:
    """A postcode that is formally right, from the beginning that belongs to the town."""
    if country == "GB":
        ending = pick(random, _BRITISH) + pick(random, _BRITISH)
        return f"{beginning}{between(random, 1, 16)} {between(random, 1, 9)}{ending}"
    digits = beginning + _digits(random, DIGITS[country] - len(beginning))
    return f"{digits} {pick(random, _DUTCH)}{pick(random, _DUTCH)}" if country == "NL" else digits


def _address(random: Random, country: str) -> Address:
    town, beginning = pick(random, TOWNS[country])
    street, number = pick(random, STREETS[country]), between(random, 1, 98)
    line = f"{number} {street}" if country in {"FR", "GB"} else f"{street} {number}"
    return Address(line, town, _postcode(random, country, beginning), country)


def _phone(random: Random, country: str) -> str | None:
    shapes = PHONES[country]
    if not shapes or random.random() >= _WITH_PHONE:
        return None
    return "".join(str(int(random.random() * 10)) if letter == "#" else letter for letter in pick(random, shapes))


def customers(seed: int, joined: Sequence[tuple[int, str]]) -> tuple[Customer, ...]:
    """One customer for each second of joining and channel of habit; who comes to the store lives in its country."""
    random = dice(seed, "people")
    numbers = Identifiers(CUSTOMERS, random)
    taken: dict[str, int] = {}
    made = []
    for second, channel in joined:
        first, last = pick(random, FIRST_NAMES), pick(random, LAST_NAMES)
        country = "DE" if channel == "pos" else _COUNTRIES.spin(random)
        local = f"{_SLUGS[first]}.{_SLUGS[last]}"
        taken[local] = taken.get(local, 0) + 1
        number = taken[local] if taken[local] > 1 else ""
        email = f"{local}{number}@{pick(random, MAIL_HOSTS)}"
        phone, address = _phone(random, country), _address(random, country)
        made.append(Customer(numbers.next(), first, last, email, phone, address, moment(second)))
    return tuple(made)

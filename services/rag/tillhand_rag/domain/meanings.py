"""Words that mean the same as far as an answer goes: forms of one word, and other words for one thing.

Both tables are of general English, as a shop's customers and its pages use it; they name no product and no brand.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from tillhand_rag.domain.words import stem_set, stems

_FORMS: Final = (
    "held hold, sold sell, bought buy, sent send, worn wear, wore wear, broke break, broken break, froze freeze, "
    "frozen freeze, kept keep, lost lose, left leave, made make, paid pay, said say, told tell, found find, built "
    "build, spent spend, meant mean, won win, went go, gone go, came come, began begin, begun begin, wrote write, "
    "written write, gave give, given give, took take, taken take, knew know, known know, grew grow, grown grow, "
    "drew draw, drawn draw, saw see, seen see, fell fall, fallen fall, rose rise, risen rise, chose choose, "
    "chosen choose, spoke speak, spoken speak, stole steal, stolen steal, drove drive, driven drive, rode ride, "
    "ridden ride, ran run, got get, led lead, fed feed, met meet, sat sit, stood stand, understood understand, "
    "taught teach, thought think, brought bring, caught catch, fought fight, sought seek, slept sleep, felt feel, "
    "dealt deal, lent lend, bent bend, shot shoot, hung hang, struck strike, stuck stick, swam swim, sang sing, "
    "sung sing, drank drink, became become, threw throw, thrown throw, flew fly, flown fly, forgot forget, "
    "forgotten forget, hid hide, hidden hide, shook shake, shaken shake, tore tear, torn tear, bled bleed, "
    "children child, people person, men man, women woman, feet foot, teeth tooth, lives life, tire tyre, color "
    "colour, center centre, gray grey, meter metre, liter litre"
)
_ALIKE: Final = (
    "price cost fee charge rate pay expensive cheap eur euro surcharge",
    "ship deliver send post dispatch shipment delivery parcel package transport",
    "return refund withdraw revoke",
    "refund money reimburse credit",
    "guarantee warranty cover",
    "repair fix mend service restore",
    "buy purchase order sell shop",
    "swap exchange replace change switch renew substitute",
    "break defect defective faulty damage crack",
    "bike bicycle cycle",
    "phone telephone call smartphone mobile",
    "email mail",
    "weigh weight heavy mass",
    "tall height high",
    "wide width broad",
    "thick thickness thin",
    "deep depth",
    "loud noise sound volume",
    "bright brightness lux lumen",
    "hot warm temperature heat",
    "cold temperature frost freeze",
    "big size large dimension measure",
    "fast quick speed soon",
    "start begin found launch open establish",
    "end finish expire stop",
    "valid expire",
    "delete remove erase cancel",
    "allow permit may approve legal",
    "customer client buyer consumer",
    "dealer trade reseller retailer wholesale",
    "company firm business shop store",
    "voucher card coupon",
    "instalment installment rate monthly",
    "discount reduction rebate percent",
    "waterproof water rain wet",
    "clean wash rinse",
    "keep store storage hold",
    "fit mount install attach",
    "tighten torque tight",
    "refill top fill",
    "empty flat dead discharged",
    "close shut lock",
    "squeal squeak noise loud",
    "kid child",
    "staff employee team work person",
    "contact reach write",
    "login sign",
    "camera cctv video surveillance",
    "footage recording film",
    "photo photograph picture image",
    "plane aeroplane airplane aircraft flight",
    "car vehicle automobile",
    "collect pick fetch",
    "rent loan borrow hire lend",
    "minimum least lowest smallest",
    "maximum most limit highest largest greatest",
    "puncture flat hole",
    "electric motor battery",
    "late delay overdue",
    "lose missing",
    "invoice bill",
    "item article product goods piece",
    "spare replacement duplicate",
    "rise increase grow",
    "fall decrease drop decline",
    "kill die death dead",
    "win victory defeat beat",
    "build construct erect",
    "live reside inhabit",
    "job work occupation",
    "teach instruct",
    "country nation state",
    "war conflict battle",
    "happen occur",
    "small little tiny",
    "important significant main",
    "cause lead result",
    "include contain comprise",
    "make produce manufacture create",
    "get receive obtain",
    "give grant provide",
    "say state claim",
    "use utilize employ",
    "help aid assist support",
    "area region zone",
    "part component",
)


def _stem(word: str) -> str:
    return stems(word)[0]


_BASE: Final = {_stem(form): _stem(base) for form, base in (pair.split() for pair in _FORMS.split(", "))}


def base(stem: str) -> str:
    """The stem of the word that this is an irregular form or another spelling of; itself where it is none."""
    return _BASE.get(stem, stem)


@lru_cache(maxsize=8_192)
def bases(text: str) -> frozenset[str]:
    """The words of a text by their bases."""
    return frozenset(_BASE.get(stem, stem) for stem in stem_set(text))


def _neighbours() -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for group in _ALIKE:
        members = {base(_stem(word)) for word in group.split()}
        for member in members:
            found.setdefault(member, set()).update(members - {member})
    return {member: frozenset(others) for member, others in found.items()}


_NEIGHBOURS: Final = _neighbours()
_NONE: Final[frozenset[str]] = frozenset()


def alike(word: str) -> frozenset[str]:
    """Other words, by their bases, that may stand for this one."""
    return _NEIGHBOURS.get(word, _NONE)

"""What is written about a product: its description, its care, its fields, and the forms of names in addresses."""

from __future__ import annotations

import unicodedata
from random import Random
from typing import Final

from tillhand_mockshop.dice import between, pick
from tillhand_mockshop.identifiers import Identifiers
from tillhand_mockshop.model import Metafield
from tillhand_mockshop.words import CARE, CARE_OTHERWISE, NAME
from tillhand_mockshop.words_goods import Kind

_WITHOUT_SEARCH_TEXT: Final = 0.3
_WITHOUT_CARE: Final = 0.15


def plain(text: str) -> str:
    """The text in ASCII: letters lose their marks."""
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode("ascii")


def compact(text: str) -> str:
    """Letters and digits of a text."""
    return "".join(letter for letter in plain(text) if letter.isalnum())


def slug(text: str) -> str:
    """A text as it stands in addresses."""
    kept = "".join(letter if letter.isalnum() else " " for letter in plain(text).lower().replace("'", ""))
    return "-".join(kept.split())


def care(material: str) -> str:
    """How to look after something of a material."""
    return next((advice for word, advice in CARE if word in material), CARE_OTHERWISE)


def _measure(random: Random, largest: str) -> str:
    """The dimensions in a sentence, from the largest size where sizes are measures."""
    size = largest.rpartition(" / ")[2]
    if any(letter.isdigit() for letter in size):
        return f"Its largest size is {size}."
    height, width, depth = between(random, 6, 45), between(random, 8, 50), between(random, 6, 30)
    return f"Packed, it measures {height} x {width} x {depth} cm."


def describe(random: Random, kind: Kind, title: str, material: str, largest: str) -> str:
    """A description in two or three sentences of HTML."""
    article = "an" if material[0].lower() in "aeiou" else "a"
    name = f"pair of {title}" if title.endswith("s") else title
    first = pick(
        random,
        (
            f"The {name} is made of <strong>{material}</strong> and {kind.use}.",
            f"Made of <strong>{material}</strong>, the {name} {kind.use}.",
            f"<strong>{material[0].upper()}{material[1:]}</strong> through and through: the {name} {kind.use}.",
            f"With {article} <strong>{material}</strong> body, the {name} {kind.use}.",
        ),
    )
    return f"<p>{first} {_measure(random, largest)}</p><p>{care(material)}</p>"


def metafields(
    random: Random, numbers: Identifiers, title: str, kind: Kind, material: str, advice: str
) -> tuple[Metafield, ...]:
    """The fields that the shop has added; some products lack some, as in any shop."""
    fields = [Metafield(numbers.next(), "custom", "material", "single_line_text_field", material)]
    if random.random() >= _WITHOUT_CARE:
        fields.append(Metafield(numbers.next(), "custom", "care", "multi_line_text_field", advice))
    months = str(pick(random, (24, 24, 36, 60)))
    fields.append(Metafield(numbers.next(), "custom", "warranty_months", "number_integer", months))
    if random.random() >= _WITHOUT_SEARCH_TEXT:
        text = f"{title} of {material}: {kind.use}."
        fields.append(Metafield(numbers.next(), "seo", "title", "single_line_text_field", f"{title} | {NAME}"))
        fields.append(Metafield(numbers.next(), "seo", "description", "single_line_text_field", text[:155]))
    return tuple(fields)

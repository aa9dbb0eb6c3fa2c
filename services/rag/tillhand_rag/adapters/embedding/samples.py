"""Texts that an exported model is checked on: from one word to more than the model reads."""

from __future__ import annotations

from typing import Final

_WORDS: Final = 168

QUESTIONS: Final = (
    "returns",
    "How long do I have to send something back?",
    "is the kettle dishwasher safe",
    "replacement gasket for model TK-4410/B",
    "wo finde ich die Rechnung?",
    "Which of these tents would you take to a windy campsite in October, with two children and a dog?",
    "¿El cargador funciona con 220 V?",
    "gift wrap 🎁 possible?",
)

SENTENCES: Final = (
    "Orders that reach us before noon on a working day leave the warehouse the same afternoon.",
    "The warranty covers faults in material and workmanship for 24 months from the day of delivery; wear is not one.",
    "SKU 10-2231-BLK | Trail lantern | 1,200 lm | USB-C | € 49.90 | in stock",
    "Rinse the filter under running water once a month and let it dry completely before putting it back.",
    "To cancel a subscription, open Account > Plans, choose the plan, and confirm; the current period stays paid.",
    "Packages to islands take two to four days longer and cannot be insured above 500 GBP.",
)

PASSAGE: Final = (
    "If a parcel arrives damaged, keep the box and everything in it, take three photographs (the label, the outside "
    "and the damage itself) and write to us within seven days. We answer on the next working day. You choose between "
    "a replacement, which leaves as soon as the carrier has confirmed the claim, and a refund to the way you paid. "
    "Parts that were merely missing are sent at once and without a claim. Glass and ceramics are packed in two boxes; "
    "when only the outer one is dented, please look inside before you refuse the parcel at the door. Batteries must "
    "not go back by air: ask for the ground label, print it, and cover the old address. For furniture we collect, "
    "on a day that suits you, and bring the replacement along on the same trip where the route allows it. Costs are "
    "ours in every one of these cases; only a change of mind is shipped back at your own expense, unless the order "
    "was above 150 EUR, where the first return is free. "
)


def samples() -> list[str]:
    """All of them, the passage in several lengths; the last one is longer than the model's limit."""
    words = PASSAGE.split(" ")
    cut = [" ".join(words[start:end]) for start, end in ((0, 20), (10, 60), (0, 110), (30, 160))]
    return ["", *QUESTIONS, *SENTENCES, *cut, PASSAGE, PASSAGE * 2]


def passages(count: int) -> list[str]:
    """Different texts of about 200 tokens each, to measure with."""
    words = PASSAGE.split()
    turned = ((number, number % len(words)) for number in range(count))
    return [" ".join([f"{number}.", *words[start:], *words[:start]][:_WORDS]) for number, start in turned]

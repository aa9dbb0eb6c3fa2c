"""What people search for: articles of the shop's journal with their questions, and shapes of queries for goods."""

from __future__ import annotations

from typing import Final

# Address, season, questions that it answers, from the most to the least asked.
ARTICLES: Final = (
    ("season-a-cast-iron-pan", "flat", ("how to season cast iron", "cast iron pan care", "seasoning oil for pans")),
    ("sharpen-kitchen-knives", "gifts", ("how to sharpen a kitchen knife", "knife sharpening angle", "whetstone grit")),
    ("descale-a-kettle", "flat", ("how to descale a kettle", "limescale in kettle", "vinegar or citric acid kettle")),
    ("oil-a-wooden-board", "flat", ("which oil for chopping boards", "cutting board oil", "oak board care")),
    ("wash-a-wool-blanket", "winter", ("how to wash a wool blanket", "wool blanket shrunk", "airing wool")),
    ("plant-a-raised-bed", "spring", ("what to plant in a raised bed", "raised bed layers", "raised bed soil")),
    ("prune-roses", "spring", ("when to prune roses", "how to prune roses", "rose pruning angle")),
    ("water-the-garden", "summer", ("when to water the garden", "soaker hose or sprinkler", "watering in a heatwave")),
    ("feed-birds-in-winter", "winter", ("what to feed birds in winter", "clean a bird feeder", "robin food")),
    ("choose-a-sledge", "sledge", ("best wooden sledge", "sledge for toddlers", "wax sledge runners")),
    ("first-night-in-a-tent", "summer", ("camping checklist", "how to pitch a tent", "tent water column meaning")),
    ("lights-for-the-dark-months", "autumn", ("bike light regulations", "how many lux bike light", "usb bike lights")),
    ("lock-a-bike", "bikes", ("how to lock a bike", "safest bike lock", "folding lock or d-lock")),
    ("choose-a-dog-bed", "flat", ("what size dog bed", "washable dog bed", "dog bed for old dogs")),
)
BRAND_QUERIES: Final = ("bracken lane", "bracken lane shop", "brackenlane", "bracken lane returns")
KIND_QUERIES: Final = ("{kind}", "buy {kind} online", "{material} {kind}", "best {kind}", "{kind} sale")
PRODUCT_QUERIES: Final = ("{title}", "{title} {material}", "{model} {material}", "{title} review", "{vendor} {model}")

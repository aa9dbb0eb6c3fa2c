"""Names that the catalogue is made of: ranges, makers, suppliers, colours, and how each material is cared for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

NAME: Final = "Bracken Lane"
DOMAIN: Final = "brackenlane.example"
CURRENCY: Final = "EUR"
TIME_ZONE: Final = "Europe/Berlin"
LOCATION_NAMES: Final = ("Bracken Lane store", "Warehouse Leipzig")

RANGES: Final = tuple(
    "Hollin Ferngate Aldery Brixwold Tarnby Lindmoor Osterby Quillan Harrowdale Mossley Wendle Kestrel Saltmarsh"
    " Birkholm Thornby Elmet Ravensworth Calder Juniper Norrland Pebbleford Wickham Larkspur Grenmore"
    " Sorrel Haverly Dunmere Ashcombe Fjellby Winterfold".split()
)

COLOURS: Final = (
    ("Moss", "MOS"),
    ("Slate", "SLT"),
    ("Cream", "CRM"),
    ("Rust", "RST"),
    ("Night Blue", "NBL"),
    ("Black", "BLK"),
    ("Ochre", "OCH"),
    ("Berry", "BRY"),
)

CARE: Final = (
    ("cast iron", "Rinse by hand, dry at once and rub with a drop of oil."),
    ("carbon steel", "Rinse by hand, dry at once and rub with a drop of oil."),
    ("stainless", "Safe in the dishwasher; remove lime with diluted vinegar."),
    ("stoneware", "Safe in the dishwasher and in the microwave."),
    ("porcelain", "Safe in the dishwasher and in the microwave."),
    ("glass", "Safe in the dishwasher; keep from sudden changes of temperature."),
    ("wool", "Air it often; wash by hand in lukewarm water if need be."),
    ("cotton", "Machine wash at 40 °C, dry on a line."),
    ("linen", "Machine wash at 40 °C, dry on a line."),
    ("polyester", "Wipe with a damp cloth; let it dry before folding."),
    ("wood", "Wipe with a damp cloth and oil it twice a year."),
    ("oak", "Wipe with a damp cloth and oil it twice a year."),
    ("beech", "Wipe with a damp cloth and oil it twice a year."),
    ("larch", "Leave it to turn silver, or oil it in spring."),
    ("leather", "Brush off dirt and grease it once a season."),
    ("wax", "Trim the wick to 5 mm before each lighting."),
)
CARE_OTHERWISE: Final = "Wipe with a damp cloth; no scouring agents."


@dataclass(frozen=True, slots=True)
class Supplier:
    """Who delivers to the shop, after how many days as a rule, and which departments."""

    name: str
    lead_days: int
    departments: tuple[str, ...]


SUPPLIERS: Final = (
    Supplier("Saale Grosshandel", 4, ("Kitchen", "Home", "Pets")),
    Supplier("Havel Haushaltswaren", 7, ("Kitchen", "Home")),
    Supplier("Atelier Morvan", 14, ("Kitchen", "Home")),
    Supplier("Nordic Hearth Import", 21, ("Kitchen", "Home", "Outdoor")),
    Supplier("Kanto Trading", 42, ("Kitchen",)),
    Supplier("Polder Tuin", 6, ("Garden",)),
    Supplier("Gartenbau Elster", 10, ("Garden", "Pets")),
    Supplier("Lowland Forge", 18, ("Garden", "Bikes")),
    Supplier("Fell & Fern Outdoor", 16, ("Outdoor",)),
    Supplier("Erzgebirge Holzwerk", 28, ("Outdoor", "Home", "Pets")),
    Supplier("Velo Depot", 9, ("Bikes",)),
    Supplier("Pawprint Supply", 12, ("Pets",)),
)

VENDORS: Final = {
    "Kitchen": ("Bracken Lane", "Morvan & Filles", "Ostwerk", "Pan & Ladle", "Kiln Street"),
    "Home": ("Bracken Lane", "Loomhouse", "Kiln Street", "Lichtung", "Sted"),
    "Garden": ("Bracken Lane", "Spade & Sons", "Elster Garten", "Greenfold"),
    "Outdoor": ("Fell & Fern", "Kammweg", "Tarn Gear"),
    "Bikes": ("Kammweg", "Spoke Works", "Lowland"),
    "Pets": ("Bracken Lane", "Pawprint", "Good Boy Goods"),
}

SIZE_WORDS: Final = ("small", "medium", "large", "extra large", "very large")
BADGES: Final = ("new", "bestseller", "gift idea", "made in Europe", "plastic-free", "last pieces", "staff pick")

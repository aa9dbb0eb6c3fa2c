"""What the shop sells: kinds of goods, with the words, prices and seasons that belong to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of goods. `low` and `high` are prices in whole units of currency, `grams` is a usual weight."""

    code: str
    name: str
    department: str
    season: str
    low: int
    high: int
    grams: int
    models: tuple[str, ...]
    materials: tuple[str, ...]
    sizes: tuple[str, ...]
    coloured: bool
    use: str

    @property
    def handle(self) -> str:
        """The name of this kind's page."""
        return self.name.lower().replace(" ", "-")


def _kind(head: str, prices: tuple[int, int, int], models: str, materials: str, sizes: str, use: str) -> Kind:
    code, name, department, season = head.split("|")
    coloured = sizes.startswith("+")
    labels = tuple(label for label in sizes.removeprefix("+").split("|") if label)
    low, high, grams = prices
    return Kind(
        *(code, name, department, season, low, high, grams),
        *(tuple(models.split("|")), tuple(materials.split("|")), labels, coloured, use),
    )


# A "+" before the sizes says that the goods come in colours as well.
KINDS: Final = (
    _kind(
        "KET|Kettles|Kitchen|flat",
        (24, 79, 1100),
        "Whistling Kettle|Gooseneck Kettle|Stovetop Kettle|Camp Kettle",
        "stainless steel|enamelled steel|copper-plated steel",
        "+0.9 l|1.2 l|1.7 l",
        "works on gas, ceramic and induction hobs and pours without dripping",
    ),
    _kind(
        "PAN|Pans|Kitchen|gifts",
        (22, 89, 1900),
        "Frying Pan|Sauté Pan|Grill Pan|Crêpe Pan|Saucepan",
        "cast iron|carbon steel|forged aluminium",
        "20 cm|24 cm|28 cm|32 cm",
        "heats evenly from rim to rim and may go into the oven up to 220 °C",
    ),
    _kind(
        "KNF|Kitchen Knives|Kitchen|gifts",
        (12, 119, 220),
        "Chef's Knife|Paring Knife|Bread Knife|Santoku|Vegetable Knife",
        "X50CrMoV15 steel|high-carbon steel",
        "9 cm|13 cm|16 cm|20 cm",
        "is ground by hand to 15 degrees on each side and keeps its edge for months",
    ),
    _kind(
        "MUG|Mugs|Kitchen|gifts",
        (8, 19, 380),
        "Stoneware Mug|Espresso Cup|Breakfast Mug|Latte Bowl",
        "stoneware|porcelain|enamelled steel",
        "+",
        "is glazed inside and out and sits well in both hands",
    ),
    _kind(
        "BRD|Chopping Boards|Kitchen|flat",
        (14, 59, 1400),
        "Chopping Board|Bread Board|Carving Board|Serving Board",
        "oiled oak|acacia|beech|bamboo",
        "30 x 20 cm|40 x 28 cm|50 x 35 cm",
        "has a groove for juices on one side and is flat on the other",
    ),
    _kind(
        "TEA|Teapots|Kitchen|winter",
        (19, 64, 900),
        "Teapot|Teapot with Strainer|Side-Handle Teapot",
        "cast iron|borosilicate glass|stoneware",
        "+0.6 l|1.0 l|1.4 l",
        "comes with a strainer that lifts out and a lid that stays on while pouring",
    ),
    _kind(
        "JAR|Storage Jars|Kitchen|flat",
        (5, 24, 450),
        "Clip-Top Jar|Spice Jar|Flour Jar|Biscuit Jar",
        "glass|stoneware|tinplate",
        "0.25 l|0.5 l|1 l|2 l|3 l",
        "closes tightly with a rubber seal that can be replaced",
    ),
    _kind(
        "BAK|Baking Tins|Kitchen|winter",
        (9, 34, 600),
        "Loaf Tin|Springform Tin|Muffin Tin|Bundt Tin|Baking Sheet",
        "coated steel|blue steel|anodised aluminium",
        "18 cm|22 cm|26 cm|30 cm",
        "lets go of cakes easily and browns them on all sides",
    ),
    _kind(
        "LMP|Table Lamps|Home|winter",
        (29, 129, 1700),
        "Table Lamp|Reading Lamp|Bedside Lamp|Clamp Lamp",
        "powder-coated steel|ash wood|brass",
        "+",
        "takes an E27 bulb of up to 40 W and has a switch on its fabric cable",
    ),
    _kind(
        "BLK|Blankets|Home|winter",
        (29, 119, 1100),
        "Wool Blanket|Throw|Herringbone Blanket|Waffle Blanket",
        "lambswool|organic cotton|recycled wool",
        "+130 x 170 cm|150 x 200 cm",
        "is woven in a small mill and finished with a short fringe",
    ),
    _kind(
        "CDL|Candles|Home|gifts",
        (5, 29, 320),
        "Pillar Candle|Taper Candle|Scented Candle|Lantern Candle",
        "rapeseed wax|beeswax|soy wax",
        "+",
        "burns without soot for about 35 hours on a cotton wick",
    ),
    _kind(
        "BSK|Baskets|Home|flat",
        (14, 69, 900),
        "Laundry Basket|Log Basket|Bread Basket|Shelf Basket",
        "seagrass|willow|felt|jute",
        "S|M|L|XL",
        "is woven by hand, keeps its shape and has two firm handles",
    ),
    _kind(
        "RUG|Rugs|Home|flat",
        (39, 189, 3200),
        "Flatweave Rug|Runner|Bath Rug|Door Mat",
        "recycled cotton|wool|coir|jute",
        "+60 x 90 cm|70 x 140 cm|120 x 180 cm",
        "lies flat from the first day and may be turned over",
    ),
    _kind(
        "HOS|Garden Hoses|Garden|summer",
        (19, 89, 2600),
        "Garden Hose|Hose Reel|Soaker Hose|Spiral Hose",
        "phthalate-free PVC|natural rubber",
        "10 m|15 m|20 m|30 m",
        "does not kink, fits half-inch couplings and bears 8 bar",
    ),
    _kind(
        "PLT|Planters|Garden|spring",
        (9, 79, 2100),
        "Planter|Window Box|Hanging Planter|Herb Planter",
        "terracotta|zinc|fibre clay|larch",
        "+20 cm|30 cm|40 cm|60 cm",
        "has a hole for drainage with a plug and withstands frost",
    ),
    _kind(
        "SEC|Secateurs|Garden|spring",
        (14, 64, 240),
        "Bypass Secateurs|Anvil Secateurs|Pruning Saw|Herb Snips",
        "forged steel|carbon steel",
        "S|M|L",
        "cuts green wood of up to 22 mm and locks with one thumb",
    ),
    _kind(
        "BIR|Bird Feeders|Garden|winter",
        (9, 44, 700),
        "Bird Feeder|Nesting Box|Bird Bath|Peanut Feeder",
        "larch|galvanised steel|terracotta",
        "S|M|L",
        "opens at the top for filling and comes apart for cleaning",
    ),
    _kind(
        "RBD|Raised Beds|Garden|spring",
        (49, 199, 9800),
        "Raised Bed|Cold Frame|Compost Bin|Trellis",
        "larch|galvanised steel|Douglas fir",
        "80 x 40 cm|100 x 60 cm|150 x 75 cm",
        "goes together in half an hour with the screws in the box",
    ),
    _kind(
        "GLV|Gardening Gloves|Garden|spring",
        (6, 29, 110),
        "Gardening Gloves|Pruning Gauntlets|Weeding Gloves",
        "goatskin|nitrile-coated cotton|bamboo knit",
        "+S|M|L|XL",
        "keeps thorns out but lets fingers feel small seedlings",
    ),
    _kind(
        "TNT|Tents|Outdoor|summer",
        (69, 299, 3400),
        "Trekking Tent|Family Tent|Tarp|Beach Shelter",
        "ripstop polyester|canvas",
        "1 person|2 persons|4 persons",
        "stands in ten minutes and holds a water column of 3,000 mm",
    ),
    _kind(
        "FLS|Flasks|Outdoor|flat",
        (15, 44, 420),
        "Vacuum Flask|Water Bottle|Travel Mug|Food Flask",
        "stainless steel|Tritan",
        "+0.35 l|0.5 l|0.75 l|1 l",
        "keeps tea hot for twelve hours and water cold for a day",
    ),
    _kind(
        "SLD|Sledges|Outdoor|sledge",
        (29, 119, 3900),
        "Davos Sledge|Horned Sledge|Bob|Snow Disc",
        "ash wood|beech|cold-proof polyethylene",
        "80 cm|100 cm|115 cm",
        "carries up to 120 kg and glides on rails of flat steel",
    ),
    _kind(
        "HAM|Hammocks|Outdoor|summer",
        (29, 109, 1600),
        "Hammock|Hanging Chair|Travel Hammock",
        "organic cotton|parachute nylon",
        "+",
        "carries 150 kg and comes with ropes for two trees",
    ),
    _kind(
        "BLT|Bike Lights|Bikes|autumn",
        (12, 89, 160),
        "Front Light|Rear Light|Light Set|Helmet Light",
        "anodised aluminium|impact-proof plastic",
        "30 lux|50 lux|80 lux",
        "is approved for road use and charges by USB-C in two hours",
    ),
    _kind(
        "PNR|Panniers|Bikes|bikes",
        (34, 139, 1200),
        "Pannier|Handlebar Bag|Saddle Bag|Messenger Bag",
        "waxed canvas|recycled polyester|tarpaulin",
        "+6 l|14 l|22 l",
        "closes by rolling, keeps rain out and clicks onto racks of 8 to 16 mm",
    ),
    _kind(
        "LCK|Bike Locks|Bikes|bikes",
        (19, 99, 1300),
        "Folding Lock|D-Lock|Chain Lock|Cable Lock",
        "hardened steel",
        "75 cm|90 cm|110 cm",
        "comes with three keys and a bracket for the frame",
    ),
    _kind(
        "HLM|Bike Helmets|Bikes|bikes",
        (34, 129, 340),
        "City Helmet|Child's Helmet|Touring Helmet",
        "in-mould polycarbonate|ABS and cork",
        "+S|M|L",
        "meets EN 1078, fits by a dial and has a light at the back",
    ),
    _kind(
        "DBD|Dog Beds|Pets|flat",
        (29, 119, 2400),
        "Dog Bed|Travel Mat|Dog Cushion",
        "washable linen|recycled polyester|corduroy",
        "+S|M|L|XL",
        "has a cover with a zip that goes into the wash at 40 °C",
    ),
    _kind(
        "LED|Leads and Collars|Pets|flat",
        (9, 49, 180),
        "Dog Lead|Collar|Harness|Training Lead",
        "greased leather|climbing rope|webbing",
        "+S|M|L",
        "has fittings of solid brass and was tested to 300 kg",
    ),
    _kind(
        "BWL|Feeding Bowls|Pets|flat",
        (7, 34, 650),
        "Feeding Bowl|Slow Feeder|Travel Bowl|Water Fountain",
        "stoneware|stainless steel|bamboo fibre",
        "+0.3 l|0.7 l|1.5 l",
        "stands firmly on a ring of rubber and is easy to rinse",
    ),
    _kind(
        "CAT|Cat Furniture|Pets|flat",
        (19, 149, 4300),
        "Scratching Post|Cat Cave|Window Perch",
        "sisal and beech|felt|jute",
        "S|M|L",
        "stays upright under a leaping cat of 8 kg",
    ),
)

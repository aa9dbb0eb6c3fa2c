"""The words of which addresses are made, in the languages of our shops' customers."""

from __future__ import annotations

import re
from typing import Final

from tillhand_approvals.domain.redaction.lexicon import COMMON, FAMILY, GIVEN, ORDINARY, PLACE
from tillhand_approvals.domain.redaction.tokens import Token

STREETS: Final = frozenset(
    "street st road rd avenue ave av lane ln drive dr boulevard blvd court ct place pl square sq terrace way close "
    "crescent "
    "cres highway hwy parkway pkwy circle cir alley row walk grove gardens mews quay trail route plaza esplanade "
    "loop trace "
    "turnpike pike run ridge heights park parade wharf rue allée allee chemin impasse cours quai avenida av. calle "
    "paseo "
    "carrera camino via viale piazza corso vicolo strada largo rua rúa avda avd ctra plza travessa praça praca "
    "estrada ladeira ulica ul ulice aleja "
    "al osiedle os tér utca út útja körút krt náměstí trg ulitsa prospekt bulevar bulevardul straße strasse str "
    "gasse weg "
    "platz laan straat plein gade vej allé gata gatan vägen väg vegen veien vei gate tie katu kuja polku raitti "
    "aukio jalan "
    "jl cad sok caddesi sokak οδός".split()
)
"""A word that says what kind of way it is."""
PLAIN_STREETS: Final = frozenset("street st road rd avenue ave lane ln boulevard blvd highway hwy parkway pkwy".split())
"""Those that hardly mean anything else."""
LEADING: Final = frozenset(
    "rue avenue avenida calle paseo via viale piazza corso vicolo strada largo rua rúa avda avd ctra plza travessa "
    "praça praca estrada ul ulica al "
    "aleja plaza place boulevard chemin impasse quai trg jalan jl camino carrera av bulevardul cours allée "
    "ladeira".split()
)
"""Those that stand before the name of the street."""
SUFFIXES: Final = (
    "straat", "laan", "strasse", "straße", "gasse", "platz", "allee", "brücke", "damm", "ufer", "gatan", "gata",
    "vägen", "väg", "vegen", "veien", "vej", "gade", "stræde", "plads", "katu", "kuja", "polku", "raitti", "plein",
    "singel", "kade", "dijk", "utca", "stræti", "vegur", "weg", "gate", "tie", "vænge", "alléen", "allén", "parken",
    "bakken", "gränd", "stigen", "hlíð", "gerði", "tún", "steeg", "hof", "ring", "markt", "gracht", "lei", "pad",
    "dreef", "str", "backen",
)  # fmt: skip
"""What long words end with that are streets."""
UNITS: Final = frozenset("apt apartment suite ste flat appartement appt apto".split())
"""With a number after it, the address of a part of a house."""
WEAK_UNITS: Final = frozenset(
    "unit box floor fl room rm building bldg block lot door level piso etg hus depto no nr p.o po psc".split()
)
"""Only beside something else that is an address."""
STATES: Final = frozenset(
    "AL AK AZ AR CA CO CT DE FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK OR "
    "PA RI SC "
    "SD TN TX UT VT VA WA WV WI WY DC PR GU VI AB BC MB NB NL NS ON PE QC SK YT NT NU NSW VIC QLD ACT TAS".split()
)
MILITARY: Final = frozenset("fpo apo dpo".split())
VESSELS: Final = frozenset("usns uss uscgc usnv usv".split())
DIRECTIONS: Final = frozenset(
    "north south east west northeast northwest southeast southwest n s e w ne nw se sw".split()
)
PARTICLES: Final = frozenset(
    "de la le les du des da do das dos di del della delle dei van von der den het 't zur zum am an im of the y e en "
    "sur aux "
    "au upon under op aan ter ten to af degli dei dello al el u pri nad pod".split()
)
ABBREVIATED: Final = frozenset(
    "apt ste avda avd ctra plza st rd ave av blvd bldg no nr ul str ln dr sq ct pl al os p o fl rm hwy pkwy jl "
    "krt u".split()
)
"""After which a full stop ends no sentence."""
LABELS: Final = frozenset(
    "phone tel telephone fax email mail e-mail mobile cell office name date order please thanks thank call contact "
    "regards "
    "when where what why how who i we he she it they you my our his her your and or but if for on in at from with "
    "is are was "
    "were has have had this that these those can could will would should".split()
)
"""What begins something else."""
JOINT: Final = re.compile(r"[ \u00a0.'\u2019/-]{1,3}")
"""Between two words of a street."""
WIDE_JOINT: Final = re.compile(r"[ \t\u00a0.,'\u2019/()#-]{0,4}(?:\n[\s>?*|]{0,8})?[ \t,.(#-]{0,4}(?:\n[\s>?*|]{0,8})?")
"""Between two parts of an address."""
CUE: Final = re.compile(
    r"(?:\baddress\b|\blive[sd]? at|\blocated at|\bship(?:ped|ping)?(?: it)? to|\bdeliver(?:ed|y)?(?: it)? (?:to|at)|"
    r"\bmeet(?:ing)?(?: me| us)? (?:at|in)|\btaxi to|\bsent to|\bsend\b[^\n\d]{0,20} to|\breturn(?:ed)?(?: it)? to|"
    r"\boffice is at|\bmoved to|\breside[sd]? at|\barrived at|\bit's in|\bcome to)[^\n]{0,30}\s*$",
    re.IGNORECASE,
)
"""What speaks of an address."""
_HOUSE_LENGTH: Final = 6
_SHORTEST_STREET: Final = 6


def is_house(token: Token) -> bool:
    """Whether it is as long as numbers of houses and postcodes are."""
    digits = token.text[:-1].isdecimal() or token.text.isdecimal()  # 221b has a letter after them
    return not token.is_word and digits and len(token.text) <= _HOUSE_LENGTH


def is_foreign(token: Token) -> bool:
    """Whether English has no other use for it."""
    return token.capital and token.is_word and not token.has(ORDINARY)


def is_name(token: Token) -> bool:
    """Whether it may be a part of a street's or a town's name."""
    if not token.is_word or not token.capital or token.lower in LABELS:
        return False
    return (
        not token.has(COMMON)
        or token.lower in STREETS
        or token.lower in DIRECTIONS
        or token.has(GIVEN | FAMILY | PLACE)
    )


def is_street(token: Token) -> bool:
    """Whether the word is a street by its ending."""
    if not token.is_word or not token.capital or token.has(ORDINARY) or len(token.lower) < _SHORTEST_STREET:
        return False
    return token.lower.endswith(SUFFIXES)

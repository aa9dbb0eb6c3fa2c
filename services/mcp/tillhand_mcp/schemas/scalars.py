"""What Shopify's own scalars may hold; an introspected schema knows their names only and lets anything through."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Final

from graphql import GraphQLError, GraphQLNamedType, GraphQLScalarType

DAY: Final = r"\d{4}-\d{2}-\d{2}"
FORMS: Final[Mapping[str, re.Pattern[str]]] = {
    "DateTime": re.compile(rf"{DAY}(T\d{{2}}:\d{{2}}(:\d{{2}}(\.\d+)?)?(Z|[+-]\d{{2}}:?\d{{2}})?)?"),
    "Date": re.compile(DAY),
    "Decimal": re.compile(r"-?\d+(\.\d+)?"),
    "Money": re.compile(r"-?\d+(\.\d+)?"),
    "UnsignedInt64": re.compile(r"\d{1,20}"),
    "BigInt": re.compile(r"-?\d+"),
    "URL": re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:\S+"),
}
NUMBERS: Final = frozenset({"Decimal", "Money", "UnsignedInt64", "BigInt"})


def tighten(types: Mapping[str, GraphQLNamedType]) -> None:
    """Have the scalars of a schema check what goes in and what comes out."""
    for name in FORMS:
        scalar = types.get(name)
        if isinstance(scalar, GraphQLScalarType):
            for hook in ("parse_value", "coerce_input_value"):
                setattr(scalar, hook, partial(checked, name, numbers=name in NUMBERS))
            for hook in ("serialize", "coerce_output_value"):
                setattr(scalar, hook, partial(checked, name, numbers=False))


def checked(name: str, value: object, *, numbers: bool) -> object:
    """Return a value that is as the scalar of this name has to be."""
    text = str(value) if numbers and isinstance(value, int | float) and not isinstance(value, bool) else value
    if not isinstance(text, str) or not FORMS[name].fullmatch(text) or (name.startswith("Date") and not real(text)):
        raise GraphQLError(f"{name} cannot represent {value!r}.")
    return value


def real(text: str) -> bool:
    """Say whether there is such a day and such a time of it."""
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True

"""What a shop sells, as it goes over the wire."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from tillhand_approvals.models.base import Digest, In, Moment, Out

MOST_NAMES = 20_000


class CatalogueRequest(In):
    """All names of what the shop sells; others that were known are forgotten."""

    names: Annotated[list[Annotated[str, Field(max_length=200)]], Field(max_length=MOST_NAMES)] = Field(
        description="Titles, brands, vendors, collections: names that are no people."
    )


class CatalogueOut(Out):
    """What has been learned: how many names, and a digest that tells one catalogue from the next."""

    names: int
    digest: Digest | None
    learned_at: Moment | None

"""What all wire shapes are made of: strict in, explicit out."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictFloat, StrictInt, StringConstraints

CollectionName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$")]

DocumentId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,159}$")]

GivenId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$")]
"""An id of the client's choice; the records of a file that it names get ids below it, after a colon."""

AttributeName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_.-]{0,63}$")]

Scalar = (
    Annotated[str, StringConstraints(max_length=1_000)]
    | StrictBool
    | Annotated[StrictInt, Field(ge=-(2**53), le=2**53)]
    | Annotated[StrictFloat, Field(allow_inf_nan=False)]
)

Bound = (
    Annotated[StrictInt, Field(ge=-(2**53), le=2**53)]
    | Annotated[StrictFloat, Field(allow_inf_nan=False)]
    | Annotated[str, StringConstraints(max_length=1_000)]
)

Attributes = Annotated[dict[AttributeName, Scalar], Field(default_factory=dict, max_length=64)]


class In(BaseModel):
    """A request body: unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=False)


class Out(BaseModel):
    """A response body."""

    model_config = ConfigDict(extra="forbid")


class Comparison(In):
    """Comparisons on one attribute; at least one, and all given ones must hold."""

    eq: Scalar | None = None
    ne: Scalar | None = None
    in_: list[Scalar] | None = Field(default=None, alias="in", min_length=1, max_length=1_000)
    nin: list[Scalar] | None = Field(default=None, min_length=1, max_length=1_000)
    gt: Bound | None = None
    gte: Bound | None = None
    lt: Bound | None = None
    lte: Bound | None = None
    exists: StrictBool | None = None


Filters = Annotated[
    dict[AttributeName, Scalar | Comparison],
    Field(
        default_factory=dict,
        max_length=32,
        description="Attribute to value (equality) or to comparisons, all of which must hold: "
        '{"brand": "Aster", "price_minor": {"lte": 5000}}.',
    ),
]

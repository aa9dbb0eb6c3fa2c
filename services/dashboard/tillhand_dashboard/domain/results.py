"""What an answer of another service is to a page: found, or a failure with reason and remedy; never an exception."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

T_co = TypeVar("T_co", covariant=True)
FailureKind = Literal["unset", "away", "refused", "not-allowed", "unreadable"]
"""No address is set; it does not answer; it said no; the role does not reach so far; its answer is of another kind."""


@dataclass(frozen=True, slots=True)
class Found(Generic[T_co]):
    """What was asked for."""

    value: T_co


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong at one place, a JSON pointer, of what was sent."""

    pointer: str
    message: str


@dataclass(frozen=True, slots=True)
class Failure:
    """Why it could not be had, in a sentence, and what a person can do about it.

    `slug` is the last part of the problem's type where the service said no, `status` its status, 0 where none came;
    `faults` are all places that it found wrong, where it said more than one sentence, `field` the input that it names.
    """

    kind: FailureKind
    reason: str
    remedy: str = ""
    slug: str = ""
    status: int = 0
    faults: tuple[Fault, ...] = ()
    field: str = ""


Result = Found[T_co] | Failure

"""Roles, passwords, and the board's lights."""

from __future__ import annotations

import itertools

import pytest

from tillhand_common.keys import SCOPES as ALL_SCOPES
from tillhand_dashboard.domain.accounts import KEY_SCOPES, ROLES, SCOPES, Granted, role_of, weakness
from tillhand_dashboard.domain.board import Criterion, Light, summary, worst

GRANTED: Granted = {"viewer": frozenset({"*"}), "operator": frozenset({"ops"}), "admin": frozenset({"root"})}


def test_each_role_reaches_what_the_lesser_ones_do_and_a_viewer_decides_nothing() -> None:
    for lesser, greater in itertools.pairwise(ROLES):
        assert SCOPES[lesser] < SCOPES[greater]
    assert "approvals:decide" not in SCOPES["viewer"]
    assert ALL_SCOPES.keys() >= KEY_SCOPES
    assert "approvals:propose" not in KEY_SCOPES


def test_the_highest_role_counts_and_no_value_may_be_none() -> None:
    assert role_of(frozenset({"ops", "root"}), GRANTED) == "admin"
    assert role_of(frozenset(), GRANTED) == "viewer"
    assert role_of(frozenset({"ops"}), {**GRANTED, "viewer": frozenset(), "operator": frozenset()}) is None


@pytest.mark.parametrize("password", ["short", "aaaaaaaaaaaaaaaa", "xxADAxx-xxADAxx-yz", "x" * 1025])
def test_a_password_that_is_easily_guessed_is_not_taken(password: str) -> None:
    assert weakness("ada", password)
    assert not weakness("ada", "four unrelated words")


@pytest.mark.parametrize(
    ("lights", "over_all"),
    [
        ([], "unknown"),
        (["good", "good"], "good"),
        (["good", "unknown"], "unknown"),
        (["unknown", "warn"], "warn"),
        (["warn", "bad", "good"], "bad"),
    ],
)
def test_green_is_only_what_is_measured_green_everywhere(lights: list[Light], over_all: Light) -> None:
    assert worst(lights) == over_all
    assert (summary([Criterion("x", light, "") for light in lights]).startswith("all")) == (over_all == "good")

"""Policies and what goes with them that cannot be written."""

from __future__ import annotations

from tillhand_common.problems import Problem


class InvalidPolicies(Problem):
    """A document that cannot be put in force; `faults` lists each place and what is expected there."""

    status = 422
    slug = "invalid-policies"
    title = "The policies cannot be put in force"


class PoliciesChanged(Problem):
    """Another version is in force than the request expects; nothing was changed."""

    status = 412
    slug = "policies-changed"
    title = "The policies have another version"


class DelegationNotFound(Problem):
    """No such delegation, or none that the caller gave or took."""

    status = 404
    slug = "delegation-not-found"
    title = "Delegation not found"


class InvalidPeriod(Problem):
    """A period that ends before it begins, or lies in the past."""

    status = 422
    slug = "invalid-period"
    title = "The period makes no sense"


class InvalidCursor(Problem):
    """A cursor that no list has given out."""

    status = 422
    slug = "invalid-cursor"
    title = "The cursor is not valid"

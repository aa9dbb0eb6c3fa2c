"""Calls of tools that cannot be proposed."""

from __future__ import annotations

from tillhand_common.problems import Problem


class ToolNotRegistered(Problem):
    """No executor has registered this tool; what nobody registered is denied."""

    status = 422
    slug = "tool-not-registered"
    title = "No executor has registered this tool"


class InvalidTool(Problem):
    """A tool that cannot be registered; `faults` lists each place and what is expected there."""

    status = 422
    slug = "invalid-tool"
    title = "The tool cannot be registered"


class ToolTaken(Problem):
    """Another executor has registered a tool of this name; it has to give it up first."""

    status = 409
    slug = "tool-taken"
    title = "Another executor has this tool"


class InvalidArguments(Problem):
    """The arguments are not what the tool's schema asks for; `faults` lists each place and what is expected there."""

    status = 422
    slug = "invalid-arguments"
    title = "The arguments do not fit the tool"


class UncanonicalJson(Problem):
    """JSON that is not the same everywhere, so that no digest could bind it: a huge integer, half a character."""

    status = 422
    slug = "uncanonical-json"
    title = "The JSON has no canonical form"


class PolicyDenies(Problem):
    """A policy denies this call, or none provides for it; `rule` names it. The attempt is on record."""

    status = 403
    slug = "policy-denies"
    title = "The policy denies this"


class IdempotencyConflict(Problem):
    """The key has made another proposal already."""

    status = 422
    slug = "idempotency-key-reused"
    title = "The idempotency key belongs to another proposal"

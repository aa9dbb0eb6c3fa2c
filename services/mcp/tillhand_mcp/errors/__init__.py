"""The connectors' errors.

Problem
├── UnknownTool                  404
├── UnknownConnector             404
├── UnknownTask                  404
├── UnknownExport                404
├── ToolRefused                  422  what a tool says in words that the caller can act on; the slug is its own
├── CredentialsMissing           503  which, and how to get them
├── ConnectorUnavailable         503  a connector's upstream does not answer; nothing is mocked
└── ApprovalsUnavailable         503  writes are refused, reads go on
"""

from __future__ import annotations

from tillhand_common.problems import Problem, Unavailable

__all__ = [
    "ApprovalsUnavailable",
    "ConnectorUnavailable",
    "CredentialsMissing",
    "ToolRefused",
    "UnknownConnector",
    "UnknownExport",
    "UnknownTask",
    "UnknownTool",
]


class UnknownTool(Problem):
    """No connector has a tool of this name."""

    status = 404
    slug = "unknown-tool"
    title = "There is no such tool"


class UnknownConnector(Problem):
    """There is no connector with this id."""

    status = 404
    slug = "unknown-connector"
    title = "There is no such connector"


class UnknownTask(Problem):
    """No task of the caller's tenant has this id."""

    status = 404
    slug = "unknown-task"
    title = "There is no such task"


class UnknownExport(Problem):
    """No export of this name is kept; only the newest are."""

    status = 404
    slug = "unknown-export"
    title = "There is no such export"


class ToolRefused(Problem):
    """A tool did not do what it was asked to; `reason` names why, and `details` what to mend."""

    status = 422
    slug = "tool-refused"
    title = "The tool refused the call"


class CredentialsMissing(Unavailable):
    """A connector lacks credentials; `missing` lists the settings, and how to get what belongs there."""

    slug = "credentials-missing"
    title = "The connector has no credentials"


class ConnectorUnavailable(Unavailable):
    """What a connector asks does not answer, or not as was agreed; `reason` says which, and nothing is made up."""

    slug = "connector-unavailable"
    title = "The connector's upstream does not answer"


class ApprovalsUnavailable(Unavailable):
    """Writes need the approvals, which cannot be reached; nothing was done."""

    slug = "approvals-unavailable"
    title = "The approvals cannot be reached"

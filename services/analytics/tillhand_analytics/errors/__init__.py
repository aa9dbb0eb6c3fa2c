"""The errors of analytics.

Problem
├── UnknownRow            404  there is no such SKU, page, customer or proposal
├── NoObjectives          404  no file tells what is promised
├── NotProposed           409  the approvals refuse a proposal; the reason is theirs
├── BadFigure             422  what was asked for cannot be calculated; the field says why
├── ApprovalsUnavailable  503  the approvals do not answer, or none are connected
├── SourceUnavailable     503  a source with credentials does not answer; nothing is mocked
│   ├── CredentialsRejected  503  it does not take them
│   └── QuotaSpent           503  it has given all that it gives for now
└── NoData                503  no source has been read yet
"""

from __future__ import annotations

from tillhand_common.problems import Problem, Unavailable

__all__ = [
    "ApprovalsUnavailable",
    "BadFigure",
    "CredentialsRejected",
    "NoData",
    "NoObjectives",
    "NotProposed",
    "QuotaSpent",
    "SourceUnavailable",
    "UnknownRow",
]


class UnknownRow(Problem):
    """There is no such SKU, page, customer or proposal in the data."""

    status = 404
    slug = "unknown-row"
    title = "There is no such row"


class NoObjectives(Problem):
    """No file tells what the services promise: `TILLHAND_ANALYTICS_SLOS` names the folder of these files."""

    status = 404
    slug = "no-objectives"
    title = "There are no objectives"


class BadFigure(Problem):
    """What was asked for cannot be calculated from these parameters; `field` names which."""

    status = 422
    slug = "bad-figure"
    title = "The figure cannot be calculated"


class NotProposed(Problem):
    """The approvals refuse a proposal: no executor offers the tool, a policy denies it, or a switch is off."""

    status = 409
    slug = "not-proposed"
    title = "The approvals refuse the proposal"


class ApprovalsUnavailable(Unavailable):
    """The approvals do not answer, or none are connected; nothing is ordered without them."""

    slug = "approvals-unavailable"
    title = "The approvals cannot be reached"


class SourceUnavailable(Unavailable):
    """A source that has credentials does not answer, or refuses them. Nothing is mocked in its place."""

    slug = "source-unavailable"
    title = "A source cannot be read"


class CredentialsRejected(SourceUnavailable):
    """A source does not take the credentials that are set."""

    slug = "credentials-rejected"
    title = "A source refuses the credentials"


class QuotaSpent(SourceUnavailable):
    """A source gives no more for now: what it allows in an hour or a day is spent."""

    slug = "quota-spent"
    title = "A source's quota is spent"


class NoData(Unavailable):
    """No source has been read yet; ask again in a moment."""

    slug = "no-data"
    title = "Nothing has been read yet"

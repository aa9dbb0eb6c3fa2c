"""How the console refuses. Whoever comes with a browser is told on a page, everybody else by a problem document.

Problem (tillhand_common.problems)
├── SignInNeeded       401  nobody is signed in, or the session is over; browsers are led to the sign-in page
├── SignInFailed       401  name and password do not match, or the account is disabled; which is never told
├── LinkUsed           410  a sign-in link was used already, has run out, or never was
├── FormExpired        403  a form without the token of this session: too old, or from another page
├── NotAllowed         403  the role of the account does not reach that far
├── ProviderRefused    403  the provider of identities does not vouch for them, or in no role
├── ProviderAway       503  the provider of identities does not answer
├── TooManyAttempts    429  too many wrong passwords; the wait is told
└── UnknownAccount     404  there is no such account
"""

from __future__ import annotations

from tillhand_common.problems import Forbidden, NotFound, Problem, TooManyRequests, Unauthorized, Unavailable

__all__ = [
    "FormExpired",
    "LinkUsed",
    "NotAllowed",
    "ProviderAway",
    "ProviderRefused",
    "SignInFailed",
    "SignInNeeded",
    "TooManyAttempts",
    "UnknownAccount",
]


class SignInNeeded(Unauthorized):
    """Nobody is signed in here, or the session is over."""

    slug = "sign-in-needed"
    title = "Sign in first"


class SignInFailed(Unauthorized):
    """Name and password do not belong together, or the account may not sign in."""

    slug = "sign-in-failed"
    title = "That name and password do not match"


class LinkUsed(Problem):
    """A sign-in link is good once and for a day. `tillhand accounts reset-link` makes another."""

    status = 410
    slug = "link-used"
    title = "This link is no longer good"


class FormExpired(Forbidden):
    """The form does not belong to this session, or has become too old. Nothing was done; load the page again."""

    slug = "form-expired"
    title = "This form is no longer good"


class NotAllowed(Forbidden):
    """The account's role does not allow this."""

    slug = "not-allowed"
    title = "Your role does not allow this"


class ProviderRefused(Forbidden):
    """The provider of identities did not vouch for whoever came, or gives them no role here."""

    slug = "provider-refused"
    title = "The provider did not let you in"


class ProviderAway(Unavailable):
    """The provider of identities does not answer; accounts with a password still sign in."""

    slug = "provider-away"
    title = "The provider cannot be reached"


class TooManyAttempts(TooManyRequests):
    """Too many attempts to sign in have failed; wait as long as `Retry-After` says."""

    slug = "too-many-attempts"
    title = "Too many attempts"


class UnknownAccount(NotFound):
    """There is no account of this name."""

    slug = "unknown-account"
    title = "There is no such account"

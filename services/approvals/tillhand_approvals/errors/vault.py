"""What the vault cannot give."""

from __future__ import annotations

from tillhand_common.problems import Problem


class ErasedSubject(Problem):
    """The person's data was erased: the key that would open it has been destroyed."""

    status = 410
    slug = "erased"
    title = "The data was erased"


class SubjectNotFound(Problem):
    """No such pseudonym, or nothing is kept of whom it stands for."""

    status = 404
    slug = "subject-not-found"
    title = "Subject not found"


class SealBroken(Problem):
    """What the vault holds does not open: it was changed, moved, or its master key is another one."""

    status = 500
    slug = "seal-broken"
    title = "The vault cannot be opened"

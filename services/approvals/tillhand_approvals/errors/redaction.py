"""Redaction that cannot be done; in a service nothing of it is an answer: what cannot be redacted is withheld."""

from __future__ import annotations

from tillhand_common.problems import Problem, Unavailable


class UnreadableText(Problem):
    """A file to redact, or labelled texts, that cannot be read as what its name says."""

    status = 422
    slug = "unreadable-text"
    title = "The file cannot be read"


class ModelUnusable(Problem):
    """The folder of the model for names holds none that can be loaded."""

    status = 422
    slug = "model-unusable"
    title = "The model for names cannot be used"


class RedactorUnavailable(Unavailable):
    """What looks for personal data could not be loaded; nothing is taken in without it."""

    slug = "redactor-unavailable"
    title = "The redactor is not there"

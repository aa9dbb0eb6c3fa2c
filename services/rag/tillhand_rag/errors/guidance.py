"""Corrections and answers that are not there, or cannot be written."""

from __future__ import annotations

from tillhand_common.problems import Problem


class CorrectionNotFound(Problem):
    """No such correction in this collection."""

    status = 404
    slug = "correction-not-found"
    title = "Correction not found"


class CorrectionChanged(Problem):
    """The correction has another version than the request expects; nothing was changed."""

    status = 412
    slug = "correction-changed"
    title = "The correction has another version"


class TooManyCorrections(Problem):
    """The collection holds as many corrections as it may."""

    status = 409
    slug = "too-many-corrections"
    title = "The collection has too many corrections"


class InvalidPattern(Problem):
    """A pattern that is none, or would match nearly everything."""

    status = 422
    slug = "invalid-pattern"
    title = "The pattern is not valid"


class UnverifiedSource(Problem):
    """A correction's source that is not in the collection, or does not say what is quoted."""

    status = 422
    slug = "source-not-verified"
    title = "The source does not bear the correction out"


class AnswerNotFound(Problem):
    """No such answer, or none that the key may see."""

    status = 404
    slug = "answer-not-found"
    title = "Answer not found"

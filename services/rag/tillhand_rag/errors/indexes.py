"""Indexes that cannot be made anew or opened, backups that cannot be used, and how a store fails to start."""

from __future__ import annotations

from tillhand_common.lifecycle import StartupError
from tillhand_common.problems import Problem


class IndexNotFound(Problem):
    """No such index."""

    status = 404
    slug = "index-not-found"
    title = "Index not found"


class RebuildUnderWay(Problem):
    """One index is rebuilt at a time."""

    status = 409
    slug = "rebuild-under-way"
    title = "An index is being rebuilt"


class NothingToRollBack(Problem):
    """The index has no earlier generation."""

    status = 409
    slug = "nothing-to-roll-back"
    title = "There is no earlier generation"


class GoldensFailed(Problem):
    """A new index does worse on the golden questions than the live one, which goes on serving."""

    status = 409
    slug = "goldens-failed"
    title = "The golden questions failed"


class IndexUnusable(Problem):
    """An index cannot be opened here: its model is missing, or its folder cannot be read."""

    status = 409
    slug = "index-unusable"
    title = "The index cannot be opened"


class BackupNotFound(Problem):
    """No such backup."""

    status = 404
    slug = "backup-not-found"
    title = "Backup not found"


class ArchiveRefused(Problem):
    """A backup that is damaged, or of something else; nothing was changed."""

    status = 422
    slug = "archive-refused"
    title = "The backup cannot be used"


class StoreInUse(StartupError):
    """Another process owns the data directory; the message says which."""


class EmbeddingSpaceChanged(StartupError):
    """The stored vectors belong to another embedding space; the message says how to go on."""


class StoreDamaged(StartupError):
    """The store's file cannot be read; the message says what was found and how to go on."""

"""How a backup or a restore ends badly, as the command line tells it.

CommandError
├── BackupNotFound    5  there is no such archive
├── BackupRefused     2  damaged, of something else, of a later version, or sealed by another passphrase
├── NothingToBackUp   5  there is no data folder, or nothing in it
├── StoreUnreadable   3  a store cannot be copied whole
├── PlaceRefused      3  what was restored could not be put in place, and what was there stands
└── StillRunning      3  a service works on the data that a restore would replace
"""

from __future__ import annotations

from tillhand_cli.errors import CommandError, ExitCode


class BackupNotFound(CommandError):
    """There is no such archive."""

    def __init__(self, backup: str) -> None:
        hint = "`tillhand backup list` shows what there is."
        super().__init__(f"There is no backup {backup}.", code=ExitCode.NOTHING_FOUND, hint=hint)


class BackupRefused(CommandError):
    """The archive cannot be used; nothing was changed. The message names the file of it that is at fault."""

    def __init__(self, message: str) -> None:
        super().__init__(message, code=ExitCode.USAGE)


class NothingToBackUp(CommandError):
    """There is no data folder, or nothing in it."""

    def __init__(self, folder: str) -> None:
        hint = "TILLHAND_DATA_DIR names another folder."
        super().__init__(f"{folder} holds nothing to back up.", code=ExitCode.NOTHING_FOUND, hint=hint)


class StoreUnreadable(CommandError):
    """A store cannot be copied whole."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"{name} cannot be backed up: {reason}. There is no backup.", code=ExitCode.UNREACHABLE)


class PlaceRefused(CommandError):
    """What was restored could not be put in place; what was there before stands."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"Nothing was restored: {reason}.", code=ExitCode.UNREACHABLE)


class StillRunning(CommandError):
    """A service works on the data that a restore would replace."""

    def __init__(self, message: str) -> None:
        hint = "Stop the platform first. A running knowledge base can restore itself: tillhand rag backup restore."
        super().__init__(message, code=ExitCode.UNREACHABLE, hint=hint)

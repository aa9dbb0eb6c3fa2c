"""Settings in a file: `.env` in the folder in which the command is called."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from dotenv import load_dotenv

from tillhand_cli.errors import CommandError, ExitCode

ENV_FILE: Final = Path(".env")


def take_over_env_file() -> None:
    """Set what the file sets and the environment does not, for this process and all that it starts.

    Raises CommandError for a file that cannot be read.
    """
    try:
        load_dotenv(ENV_FILE, override=False)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it holds what is no UTF-8 text"
        raise CommandError(f"{ENV_FILE} cannot be read: {reason}.", code=ExitCode.USAGE) from error

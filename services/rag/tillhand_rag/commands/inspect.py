"""What a look at this installation finds of the knowledge base, for `tillhand doctor`."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from typing import Final

from tillhand_common.settings import SettingInfo, describe, load
from tillhand_rag.adapters.embedding.cores import available_cores
from tillhand_rag.adapters.embedding.encoder import Precision
from tillhand_rag.adapters.embedding.loading import space_of
from tillhand_rag.adapters.embedding.manifest import TOKENIZER_FILE, Manifest, RouteName, artefact_folder, read_manifest
from tillhand_rag.adapters.embedding.model_files import DEFAULT_MODEL
from tillhand_rag.adapters.embedding.routes import files_of, serving_route
from tillhand_rag.settings import RagSettings

Found = tuple[str, str, str, str]
"""Subject; ok, note or missing; detail; remedy."""

_SUBJECT: Final = "rag model"
_PREPARE: Final = "tillhand rag prepare"


def settings() -> list[SettingInfo]:
    """The service's settings, secrets masked. Raises `SettingsError` naming each unusable variable."""
    return describe(load(RagSettings))


def inspect() -> Iterator[Found]:
    """The embedding model: the route that would serve it now, its threads and space, its speed at set-up."""
    given = load(RagSettings)
    threads = given.embedding_threads or available_cores()
    yield _reference(given, threads) if given.embedder == "sentence-transformers" else _exported(given, threads)


def _reference(given: RagSettings, threads: int) -> Found:
    if importlib.util.find_spec("sentence_transformers") is None:
        return _SUBJECT, "missing", "sentence-transformers is not installed", "install it, or unset TILLHAND_EMBEDDER"
    return _SUBJECT, "ok", f"{given.embedding_model}, served by sentence-transformers on {threads} threads", ""


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

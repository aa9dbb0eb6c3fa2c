"""What a look at this installation finds of the knowledge base, for `tillhand doctor`."""

from __future__ import annotations

from collections.abc import Iterator

from tillhand_common.settings import SettingInfo, describe, load
from tillhand_rag.adapters.embedding.manifest import artefact_folder, read_manifest
from tillhand_rag.settings import RagSettings

Found = tuple[str, str, str, str]
"""Subject; ok, note or missing; detail; remedy."""


def settings() -> list[SettingInfo]:
    """The service's settings, secrets masked. Raises `SettingsError` naming each unusable variable."""
    return describe(load(RagSettings))


def inspect() -> Iterator[Found]:
    """The embedding model: which route serves it, and how fast that was at set-up."""
    given = load(RagSettings)
    if given.embedder == "sentence-transformers":
        yield "rag model", "ok", f"{given.embedding_model}, served by sentence-transformers", ""
        return
    manifest = read_manifest(artefact_folder(given.model_dir))
    if manifest is None:
        yield "rag model", "missing", f"no exported model in {given.model_dir}", "tillhand rag prepare"
        return
    figures = next(route for route in manifest.routes if route.route == manifest.chosen)
    detail = (
        f"{manifest.model}, route {manifest.chosen}: question {figures.query_p50_ms:.1f} ms, "
        f"{figures.passages_per_s:.0f} passages/s, lowest cosine {figures.lowest_cosine:.5f}"
    )
    yield "rag model", "ok", detail, ""

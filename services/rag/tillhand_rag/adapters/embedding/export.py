"""The reference as files that run without torch: pooling and normalisation are part of the graph."""

from __future__ import annotations

import importlib.util
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import numpy as np

from tillhand_rag.adapters.embedding.grouping import padded
from tillhand_rag.adapters.embedding.manifest import (
    ONNX_FILE,
    OPENVINO_FILE,
    SAMPLES_FILE,
    TOKENIZER_FILE,
)
from tillhand_rag.adapters.embedding.model_files import ModelFiles, sha256_of
from tillhand_rag.adapters.embedding.reference import Reference
from tillhand_rag.adapters.embedding.samples import samples

_OPSET: Final = 17


def export(reference: Reference, files: ModelFiles, folder: Path) -> dict[str, str]:
    """Write the model for every runtime that is installed, and what later checks need; the hash of each file.

    Each file replaces an older one in one step. Until the manifest is written they belong to nothing.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with _workplace(folder) as place:
        _write_onnx(reference, place / ONNX_FILE)
        if importlib.util.find_spec("openvino"):
            _write_openvino(place / ONNX_FILE, place / OPENVINO_FILE)
        shutil.copyfile(files.tokenizer, place / TOKENIZER_FILE)
        _write_samples(reference, place / SAMPLES_FILE)
        hashes = {path.name: sha256_of(path) for path in sorted(place.iterdir())}
        for name in hashes:
            (place / name).replace(folder / name)
    return hashes


def _write_onnx(reference: Reference, path: Path) -> None:
    import torch  # noqa: PLC0415  # only an export needs it

    class Graph(torch.nn.Module):  # type: ignore[misc]  # torch is untyped here
        """From ids and mask to the vector, as sentence-transformers itself computes it."""

        def __init__(self, model: Any) -> None:  # noqa: ANN401  # a SentenceTransformer
            super().__init__()
            self.model = model

        def forward(self, input_ids: Any, attention_mask: Any) -> Any:  # noqa: ANN401  # tensors
            vectors = self.model({"input_ids": input_ids, "attention_mask": attention_mask})["sentence_embedding"]
            return torch.nn.functional.normalize(vectors, dim=1)

    ids = torch.randint(1000, 2000, (2, 12))
    mask = torch.ones_like(ids)
    mask[1, 8:] = 0
    rows = {0: "texts", 1: "tokens"}
    with warnings.catch_warnings(), torch.inference_mode():
        # The tracer warns of every branch it freezes; what counts is the check against the reference.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            Graph(reference.model).eval(),
            (ids, mask),
            str(path),
            input_names=["input_ids", "attention_mask"],
            output_names=["vectors"],
            dynamic_axes={"input_ids": rows, "attention_mask": rows, "vectors": {0: "texts"}},
            opset_version=_OPSET,
            dynamo=False,  # the newer exporter writes a model that no runtime loads
        )


def _write_openvino(onnx: Path, path: Path) -> None:
    from tillhand_rag.adapters.embedding.quiet_openvino import openvino  # noqa: PLC0415  # an optional runtime

    model = openvino.Core().read_model(onnx)
    # 16-bit weights halve what is mapped into memory; the check decides whether that is exact enough.
    openvino.save_model(model, path, compress_to_fp16=True)


def _write_samples(reference: Reference, path: Path) -> None:
    """The reference's vectors of the sample texts, so that a route can be checked again without torch."""
    rows = [
        reference.run(*padded([text.ids], limit=reference.max_tokens, pad=reference.tokenizer.pad))[0]
        for text in reference.tokenizer.encode(samples())
    ]
    np.save(path, np.stack(rows))


@contextmanager
def _workplace(folder: Path) -> Iterator[Path]:
    """A folder on the same file system, gone afterwards."""
    with tempfile.TemporaryDirectory(prefix=".export-", dir=folder) as name:
        yield Path(name)

"""The reference: any sentence-transformers model on torch. Slow to load; exports and checks the default model.

torch and sentence-transformers are imported when a reference is loaded, never with this module.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import tokenizers

from tillhand_rag.adapters.embedding.encoder import Precision, Run, TokenIds
from tillhand_rag.adapters.embedding.model_files import ModelMissing
from tillhand_rag.adapters.embedding.tokenizer import ModelTokenizer
from tillhand_rag.ports.embedding import Vectors

_PACKAGES: Final = ("torch", "sentence_transformers")
_DEFAULT_MAX_TOKENS: Final = 512


class Reference:
    """A loaded model: an `Encoder`, and what its space is made of."""

    precision: Precision = "float32"
    compiles_shapes = False

    def __init__(self, model: Any, *, name: str) -> None:  # noqa: ANN401  # a SentenceTransformer, imported late
        self.model = model
        self.max_tokens: int = model.max_seq_length or _DEFAULT_MAX_TOKENS
        self.dimension: int = model.get_embedding_dimension()
        backend = getattr(model.tokenizer, "backend_tokenizer", None)
        if backend is None:
            raise ModelMissing(f"The model {name} has no fast tokenizer, without which passages cannot be sized.")
        own = tokenizers.Tokenizer.from_str(backend.to_str())  # a copy: ours neither pads nor truncates
        self.tokenizer = ModelTokenizer(own, max_tokens=self.max_tokens)

    def open_interactive(self) -> Run:
        """The model itself; torch spreads one batch over its threads."""
        return self.run

    def open_bulk(self) -> Sequence[Run]:
        """The same: a second copy would hold the weights twice."""
        return [self.run]

    def run(self, ids: TokenIds, mask: TokenIds) -> Vectors:
        """Unit vectors, also of a model that does not normalise."""
        import torch  # noqa: PLC0415  # see the module's docstring

        with torch.inference_mode():
            features = {"input_ids": torch.from_numpy(ids), "attention_mask": torch.from_numpy(mask)}
            vectors = self.model(features)["sentence_embedding"]
            unit: Vectors = torch.nn.functional.normalize(vectors.float(), dim=1).numpy()
        return unit

    @property
    def unit_mean(self) -> bool:
        """Whether the vector is the normalised mean over tokens, and nothing else."""
        modules = [type(module).__name__ for module in self.model]
        return modules == ["Transformer", "Pooling", "Normalize"] and self.model[1].pooling_mode == "mean"

    def digest(self) -> str:
        """SHA-256 (hex) over the parameters, whatever a release calls them, and over how they become one vector."""
        parameters = (parameter.detach().contiguous().numpy() for parameter in self.model.parameters())
        parts = sorted(hashlib.sha256(parameter.data).hexdigest() for parameter in parameters)
        for module in list(self.model)[1:]:  # pooling, projections, normalisation
            settings = module.get_config_dict() if hasattr(module, "get_config_dict") else {}
            parts.append(f"{type(module).__name__}:{sorted(settings.items())}")
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def reference_available() -> bool:
    """Whether the packages that a reference needs are installed."""
    return all(importlib.util.find_spec(package) for package in _PACKAGES)


def load_reference(name: str | Path, *, threads: int) -> Reference:
    """Load a model by its name or folder. Raises `ModelMissing`, saying what to install or where to look."""
    if not reference_available():
        raise ModelMissing(
            "This needs torch and sentence-transformers: install them with `pip install -r requirements/torch.txt`."
        )
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "true")  # or the library warns when a process is forked
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the library's own deprecations are not the operator's business
        import sentence_transformers  # noqa: PLC0415  # see the module's docstring
        import torch  # noqa: PLC0415  # as above
        import transformers  # noqa: PLC0415  # as above

        transformers.utils.logging.disable_progress_bar()
        torch.set_num_threads(threads)
        local = Path(name).is_dir()
        try:
            model = sentence_transformers.SentenceTransformer(
                str(name), device="cpu", local_files_only=local, model_kwargs={"attn_implementation": "eager"}
            )
        except (OSError, ValueError) as error:
            raise ModelMissing(f"The model {name} cannot be loaded: {error}") from error
    return Reference(model.eval(), name=str(name))

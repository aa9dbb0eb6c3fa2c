"""Makes the default embedding model ready: exported, checked against the reference, measured, the best route chosen."""

from __future__ import annotations

import sys

from tillhand_common.settings import load
from tillhand_rag.adapters.embedding import Manifest, ModelMissing
from tillhand_rag.adapters.embedding.manifest import LOWEST_COSINE, RouteFigures, artefact_folder
from tillhand_rag.adapters.embedding.prepare import prepare as prepare_model
from tillhand_rag.settings import RagSettings

_HEADINGS = f"{'route':<22}{'question p50':>14}{'passages':>14}{'lowest cosine':>16}{'load':>9}"


def prepare(*, as_json: bool = False) -> int:
    """Prepare the model of the settings' `model_dir`; 0, or 1 after saying on standard error what is missing.

    With `as_json` standard output gets the manifest as one JSON document, and the progress goes to standard error.
    """
    settings = load(RagSettings)
    say = _remark if as_json else _say
    try:
        manifest = prepare_model(settings.model_dir, threads=settings.embedding_threads, say=say)
    except ModelMissing as missing:
        _remark(str(missing))
        return 1
    if as_json:
        _say(manifest.model_dump_json(indent=2))
        return 0
    _say(_HEADINGS)
    for figures in manifest.routes:
        _say(_line(figures, manifest))
    _say(f"Measured on {manifest.machine}.")
    _say(f"{manifest.model} is ready in {artefact_folder(settings.model_dir)}.")
    return 0


def _line(figures: RouteFigures, manifest: Manifest) -> str:
    verdict = "  serves" if figures.route == manifest.chosen else ""
    if not figures.accepted:
        verdict = f"  refused: below {LOWEST_COSINE}"
    return (
        f"{figures.route:<22}{figures.query_p50_ms:>11.2f} ms{figures.passages_per_s:>12.1f}/s"
        f"{figures.lowest_cosine:>16.6f}{figures.load_s:>7.2f} s{verdict}"
    )


def _remark(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()

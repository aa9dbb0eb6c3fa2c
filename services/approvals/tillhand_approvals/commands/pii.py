"""Measures the redactor on labelled texts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tillhand_approvals.adapters.redaction.engine import PresidioDetector
from tillhand_approvals.domain.redaction.measures import read_labelled, score
from tillhand_approvals.domain.redaction.replacing import detected
from tillhand_approvals.errors.redaction import UnreadableText


def evaluate(path: Path, *, ner: str | None = None) -> dict[str, Any]:
    """The figures on a file in presidio-research's format: `f2`, `must_redact_recall`, `char_precision`, `types`, more.

    What each means: `tillhand_approvals.domain.redaction.measures`. Raises `UnreadableText` and `ModelUnusable`.
    """
    try:
        samples = read_labelled(json.loads(path.read_text("utf-8")))
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise UnreadableText(f"{type(error).__name__} while reading labelled texts.") from error
    detector = PresidioDetector(ner=ner)
    return score(samples, lambda text: detected(text, detector.detect))

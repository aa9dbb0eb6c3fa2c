"""Prompt injection: spans of a text that read like instructions to a language model, found and named, never followed.

    suspicious_spans(passage.text, passage.context)

The spans are for whoever shows a passage or hands it on: to flag a citation, to keep a passage from a model.
"""

from __future__ import annotations

from tillhand_rag.domain.injection.detection import THRESHOLD, suspicious_spans
from tillhand_rag.domain.injection.suspicion import SuspicionKind, SuspiciousSpan

__all__ = ["THRESHOLD", "SuspicionKind", "SuspiciousSpan", "suspicious_spans"]

"""The form of a correction: empty, filled in, as it was sent, and what it asks of the knowledge base."""

from __future__ import annotations

import math
import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from starlette.datastructures import FormData

from tillhand_common.clock import rfc3339
from tillhand_dashboard.domain.correcting import end_of_day, resting, resting_again, source_in
from tillhand_dashboard.domain.quoting import visible
from tillhand_dashboard.domain.results import Failure
from tillhand_dashboard.ports.knowledge_views import CorrectionView
from tillhand_dashboard.ports.views import Row
from tillhand_dashboard.routes.dependencies import field
from tillhand_dashboard.routes.documents import query_of

_MOST_SOURCES: Final = 20
_TYPED: Final = ("question", "match", "pattern", "threshold", "answer", "expires")


def empty_draft(question: str, collection: str) -> dict[str, Any]:
    """What the template of the form finds where nothing else is known."""
    return {
        "question": question.strip(),
        "collection": collection,
        "answer": "",
        "match": "meaning",
        "pattern": "",
        "threshold": "",
        "expires": "",
        "sources": [],
        "key": secrets.token_hex(16),
        "refused": None,
        "query": query_of,
        "visible": visible,
    }


def draft_of(correction: CorrectionView) -> dict[str, Any]:
    """The form of a correction that exists."""
    match = correction.match
    return {
        **empty_draft("\n".join(match.examples), correction.collection),
        "match": match.type,
        "pattern": match.pattern,
        "threshold": "" if match.type == "pattern" else str(match.threshold),
        "answer": correction.answer,
        "expires": "" if correction.expires_at is None else f"{correction.expires_at:%Y-%m-%d}",
        "sources": [resting(each.model_dump()) for each in correction.sources],
    }


def draft_sent(form: FormData, refused: Failure | None = None) -> dict[str, Any]:
    """The form as it was sent: nothing of it is lost."""
    return {
        **empty_draft("", field(form, "collection") or "default"),
        **{name: field(form, name) for name in _TYPED},
        "sources": [resting_again(each) for each in _sources(form)],
        "refused": refused,
    }


def correction_in(form: FormData, author: str, now: datetime) -> Row:
    """What the form asks to be written."""
    return {
        "collection": field(form, "collection") or "default",
        "match": _match(form),
        "answer": field(form, "answer").strip(),
        "sources": [each for each in map(source_in, _sources(form)[:_MOST_SOURCES]) if each is not None],
        "author": author,
        "last_verified": rfc3339(now),
        **end_of_day(field(form, "expires")),
    }


def _match(form: FormData) -> Mapping[str, Any]:
    if field(form, "match") == "pattern":
        return {"type": "pattern", "pattern": field(form, "pattern").strip()}
    lines = [line.strip() for line in field(form, "question").splitlines() if line.strip()]
    return {"type": "meaning", "examples": lines, **_threshold(field(form, "threshold"))}


def _threshold(text: str) -> Mapping[str, float]:
    """The nearness that a correction had before; the knowledge base judges it."""
    try:
        nearness = float(text)
    except ValueError:
        return {}
    return {"threshold": nearness} if math.isfinite(nearness) else {}


def _sources(form: FormData) -> list[str]:
    return [each for each in form.getlist("source") if isinstance(each, str) and each]

"""Corrections between their wire shapes and what the service works with."""

from __future__ import annotations

from dataclasses import asdict

from tillhand_rag.models.corrections import (
    ByMeaning,
    ByPattern,
    Correction,
    CorrectionRequest,
    CorrectionSource,
    CorrectionText,
)
from tillhand_rag.ports.corrections import CorrectionContent, MeaningMatch, PatternMatch
from tillhand_rag.service.correction_sources import GivenSource
from tillhand_rag.service.corrections import Shown


def content_in(body: CorrectionRequest) -> CorrectionContent:
    """What a person wrote, its sources left out: they have not been verified yet."""
    given = body.match
    return CorrectionContent(
        match=PatternMatch(given.pattern)
        if isinstance(given, ByPattern)
        else MeaningMatch(tuple(dict.fromkeys(given.examples)), given.threshold),
        answer=body.answer,
        sources=(),
        author=body.author,
        last_verified=body.last_verified,
        expires_at=body.expires_at,
    )


def sources_in(body: CorrectionRequest) -> list[GivenSource]:
    """The sources as the writer named them."""
    return [GivenSource(**source.model_dump()) for source in body.sources]


def content_out(content: CorrectionContent) -> CorrectionText:
    """What a person wrote."""
    return CorrectionText(
        match=_match_out(content.match),
        answer=content.answer,
        sources=[CorrectionSource(**asdict(source)) for source in content.sources],
        author=content.author,
        last_verified=content.last_verified,
        expires_at=content.expires_at,
    )


def correction_out(shown: Shown) -> Correction:
    """A correction as it is kept."""
    stored = shown.stored
    return Correction(
        **dict(content_out(stored.content)),
        collection=stored.collection,
        id=stored.id,
        version=stored.version,
        expired=shown.expired,
        created_at=stored.created_at,
        updated_at=stored.updated_at,
    )


def _match_out(match: PatternMatch | MeaningMatch) -> ByPattern | ByMeaning:
    if isinstance(match, PatternMatch):
        return ByPattern(type="pattern", pattern=match.pattern)
    return ByMeaning(type="meaning", examples=list(match.examples), threshold=match.threshold)

"""Answers between what the service works with and their wire shapes."""

from __future__ import annotations

import time
from dataclasses import asdict

from tillhand_rag.models import answers as models
from tillhand_rag.models.corrections import CorrectionSource
from tillhand_rag.ports.corrections import Correction
from tillhand_rag.service.answers import Answered, Cited, Said


def answer_out(given: Answered, started: float) -> models.Answer:
    """A whole answer; `started` is the `time.perf_counter()` at which it was asked for."""
    return models.Answer(
        id=given.id,
        answered=given.answered,
        answer=given.text,
        method=given.method,
        confidence=given.confidence,
        threshold=given.threshold,
        citations=[citation_out(cited) for cited in given.citations],
        sentences=[
            models.Sentence(text=said.text, citations=list(said.citations), supported=said.supported)
            for said in given.sentences
        ],
        fallback=models.Fallback(**asdict(given.fallback)) if given.fallback else None,
        correction=_correction_out(given.correction) if given.correction else None,
        notices=[models.Notice(code=notice.code, text=notice.text) for notice in given.notices],
        usage=models.Usage(**asdict(given.usage)) if given.usage else None,
        model=given.model,
        prompt=given.prompt,
        cached=given.age_s is not None,
        times_ms=models.AnswerTimes(
            embed=round(given.embed_ms, 3),
            retrieve=round(given.retrieve_ms, 3),
            write=None if given.write_ms is None else round(given.write_ms, 3),
            total=round((time.perf_counter() - started) * 1e3, 3),
        ),
    )


def citation_out(cited: Cited) -> models.Citation:
    """A quote with its place."""
    return models.Citation(
        document_id=cited.chunk.document_id,
        source=cited.chunk.source,
        title=cited.chunk.title,
        version=cited.chunk.version,
        start=cited.start,
        end=cited.end,
        quote=cited.quote,
        heading_path=list(cited.chunk.heading_path),
        page=cited.chunk.page,
        score=cited.score,
        flagged=cited.flagged,
    )


def token_out(said: Said, sentence: int) -> models.TokenEvent:
    """The next piece of an answer."""
    return models.TokenEvent(
        text=said.piece,
        sentence=sentence,
        citations=list(said.citations),
        supported=said.supported,
        cited=[citation_out(cited) for cited in said.cited],
    )


def _correction_out(correction: Correction) -> models.AnswerCorrection:
    return models.AnswerCorrection(
        id=correction.id,
        version=correction.version,
        author=correction.author,
        last_verified=correction.last_verified,
        expires_at=correction.expires_at,
        matched_by=correction.matched_by,
        score=round(correction.score, 4),
        sources=[CorrectionSource(**asdict(source)) for source in correction.sources],
    )

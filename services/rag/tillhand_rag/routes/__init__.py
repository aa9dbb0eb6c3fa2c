"""HTTP in and out of the knowledge base; no logic."""

from __future__ import annotations

from fastapi import APIRouter

from tillhand_rag.routes import (
    answers,
    backups,
    collections,
    completions,
    corrections,
    documents,
    evaluations,
    goldens,
    ingestions,
    insights,
    operations,
    questions,
    sources,
)

ROUTERS: tuple[APIRouter, ...] = (
    documents.router,
    collections.router,
    questions.router,
    answers.router,
    completions.router,
    corrections.router,
    insights.router,
    ingestions.router,
    sources.router,
    goldens.router,
    evaluations.router,
    operations.router,
    backups.router,
)

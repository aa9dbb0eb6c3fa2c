"""HTTP in and out of the knowledge base; no logic."""

from __future__ import annotations

from fastapi import APIRouter

from tillhand_rag.routes import collections, documents, questions

ROUTERS: tuple[APIRouter, ...] = (documents.router, collections.router, questions.router)

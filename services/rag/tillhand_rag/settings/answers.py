"""How passages are put in order, and answers made and kept."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field

from tillhand_common.settings import MIB, CommonSettings
from tillhand_rag.domain.answers import THRESHOLD


class AnswerSettings(CommonSettings):
    """Settings of searches and answers."""

    reranker: str = Field(
        default="",
        max_length=500,
        description="Cross-encoder that puts the passages found in order, by its sentence-transformers name or folder; "
        "without one the query's words do.",
    )
    rerank_passages: int = Field(default=30, ge=2, le=200, description="Passages that the cross-encoder reads.")
    answer_threshold: float = Field(
        default=THRESHOLD,
        ge=0,
        le=1,
        description="Confidence from which a question is answered: higher declines more of those that have no answer, "
        "and more of those that have one.",
    )
    answer_prompt: str = Field(
        default="answer.v1",
        pattern=r"^[a-z0-9-]{1,40}\.v[1-9][0-9]{0,3}$",
        description="Name and version of the prompt that a language model gets.",
    )
    prompts_dir: Path | None = Field(
        default=None, description="Folder of your own prompts; by default those that come with the service."
    )
    answer_sources: int = Field(default=6, ge=1, le=20, description="Passages that a language model reads.")
    answer_unsupported: Literal["withhold", "mark"] = Field(
        default="withhold",
        description="What becomes of a written sentence that the sources do not bear out: left out, or marked.",
    )
    answer_cache_bytes: int = Field(
        default=32 * MIB, ge=0, description="Most bytes of answers that are kept in memory."
    )
    answer_cache_entries: int = Field(default=4_096, ge=0, description="Most answers that are kept; 0 keeps none.")
    answer_cache_max_age_s: float = Field(
        default=3_600.0, ge=0, description="Seconds after which an answer is made anew though nothing has changed."
    )

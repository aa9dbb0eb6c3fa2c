"""What is kept of what people ask."""

from __future__ import annotations

from pydantic import Field

from tillhand_common.settings import CommonSettings


class InsightSettings(CommonSettings):
    """Settings of insight."""

    insight: bool = Field(
        default=True, description="Whether questions are kept, redacted, for those who look after the documents."
    )
    insight_days: int = Field(default=90, ge=1, le=3_650, description="Days after which a question is forgotten.")
    insight_rows: int = Field(
        default=100_000,
        ge=1,
        le=10_000_000,
        description="Most questions that are kept; the oldest are forgotten first.",
    )

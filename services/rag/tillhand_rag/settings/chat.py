"""The language model that may write answers."""

from __future__ import annotations

from typing import Self

from pydantic import Field, SecretStr, model_validator

from tillhand_common.settings import CommonSettings


class ChatSettings(CommonSettings):
    """Settings of the language model; without an address answers are quoted only."""

    chat_url: str = Field(
        default="",
        pattern=r"^(https?://.*)?$",
        description="Address of an OpenAI-compatible API with its version, such as http://127.0.0.1:11434/v1; without "
        "it answers are quoted from the sources only.",
    )
    chat_model: str = Field(
        default="", max_length=200, description="Its model's name; needed together with the address."
    )
    chat_api_key: SecretStr | None = Field(default=None, description="The key that it asks for, if any.")
    chat_max_tokens: int = Field(default=1024, ge=1, le=32_768, description="Most tokens that one answer may take.")
    chat_temperature: float | None = Field(
        default=0.0, ge=0, le=2, description="How freely it chooses its words; 0 is the most sober."
    )
    chat_timeout_s: float = Field(default=60.0, gt=0, le=600, description="Seconds that a whole answer may take.")
    chat_stall_s: float = Field(default=40.0, gt=0, le=600, description="Seconds to wait for more of an answer.")

    @model_validator(mode="after")
    def _named(self) -> Self:
        if self.chat_url and not self.chat_model:
            raise ValueError("TILLHAND_CHAT_MODEL is needed together with TILLHAND_CHAT_URL")
        return self

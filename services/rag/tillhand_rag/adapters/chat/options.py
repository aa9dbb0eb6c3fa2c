"""How the language model is reached and asked."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import SecretStr


@dataclass(frozen=True, slots=True)
class ChatOptions:
    """The back end's address (with its version, such as `…/v1`), what is asked of it, and how long it may take.

    `max_tokens` is the most that any call may ask for. `temperature` None leaves it to the back end. Seconds:
    `timeout_s` for a whole answer, `stall_s` for each wait for more of it, `patience_s` for a `Retry-After` that is
    waited for rather than passed on, `afterword_s` for the usage that follows an answer which is complete.
    """

    base_url: str
    model: str
    api_key: SecretStr | None = None
    temperature: float | None = 0.0
    max_tokens: int = 1024
    timeout_s: float = 60.0
    stall_s: float = 40.0  # llama.cpp says that it still lives every 30 s, also while it reads a long prompt
    patience_s: float = 5.0
    afterword_s: float = 1.0

    @property
    def api_url(self) -> str:
        """The address below which the API's paths begin, also where the whole path was given."""
        return self.base_url.rstrip("/").removesuffix("/chat/completions")

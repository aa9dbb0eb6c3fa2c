"""What is wrong with something that was handed in."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong: a JSON pointer to the place, and what is expected there; never what stands there."""

    pointer: str
    message: str

    @property
    def place(self) -> str:
        """The place as people write it: `rules[2].when.amount`."""
        parts = [part.replace("~1", "/").replace("~0", "~") for part in self.pointer.split("/")[1:]]
        return "".join(f"[{part}]" if part.isdigit() else f".{part}" for part in parts).lstrip(".")

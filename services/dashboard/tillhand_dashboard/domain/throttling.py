"""How long whoever guesses passwords has to wait: each wrong guess doubles it, and a good while makes up for all."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

FREE: Final = 4
"""Wrong passwords that cost nothing: people mistype."""
FREE_OF_AN_ADDRESS: Final = 20
"""The same from one address, which many may share."""
FIRST_WAIT_S: Final = 2.0
LONGEST_WAIT_S: Final = 300.0
FORGOTTEN_S: Final = 3600.0
MOST: Final = 10_000


@dataclass(slots=True)
class _Guesses:
    wrong: int = 0
    last_s: float = 0.0


class Throttle:
    """Counts wrong guesses by whatever is guessed at or from: a name, an address. Of each it knows the latest alone."""

    def __init__(self) -> None:
        self._guesses: OrderedDict[str, _Guesses] = OrderedDict()

    def wait_s(self, subject: str, now_s: float, free: int = FREE) -> float:
        """Seconds until the next guess is looked at; 0 where it is at once."""
        known = self._guesses.get(subject)
        if known is None or now_s - known.last_s > FORGOTTEN_S or known.wrong < free:
            return 0.0
        wait_s = min(LONGEST_WAIT_S, FIRST_WAIT_S * 2.0 ** (known.wrong - free))
        return max(0.0, known.last_s + wait_s - now_s)

    def wrong(self, subject: str, now_s: float) -> None:
        """A guess was wrong."""
        known = self._guesses.pop(subject, None)
        if known is None or now_s - known.last_s > FORGOTTEN_S:
            known = _Guesses()
        self._guesses[subject] = _Guesses(min(known.wrong + 1, 64), now_s)
        while len(self._guesses) > MOST:
            self._guesses.popitem(last=False)

    def right(self, subject: str) -> None:
        """A guess was right: what was wrong before is forgotten."""
        self._guesses.pop(subject, None)

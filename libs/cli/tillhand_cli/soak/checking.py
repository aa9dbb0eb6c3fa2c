"""What a follower was given, held against what there is: every number once, in order."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class Received:
    """The numbers that one follower was given; `last` is the highest, from which it goes on."""

    last: int
    count: int = 0
    repeated: int = 0
    disordered: int = 0
    missing: set[int] = field(default_factory=set)

    def take(self, number: int) -> None:
        """One more."""
        self.count += 1
        if number == self.last + 1:
            self.last = number
        elif number > self.last:
            self.missing.update(range(self.last + 1, number))
            self.last = number
        elif number in self.missing:
            self.missing.remove(number)
            self.disordered += 1
        else:
            self.repeated += 1

    def lost(self, head: int) -> int:
        """How many it should have been given by now, and was not."""
        return len(self.missing) + max(0, head - self.last)


def quantile(values: list[float], share: float) -> float:
    """The value below which this share of them lies; 0 where there are none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0

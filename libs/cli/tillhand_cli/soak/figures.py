"""What a soak has found, and whether that is good enough."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from tillhand_cli.soak.checking import quantile
from tillhand_cli.soak.service import HEARTBEAT_S

MOST_DRIFT_PERCENT: Final = 5.0
STEADY_FROM_MINUTES: Final = 5.0
"""In a shorter run the memory of the restarted service cannot settle: its drift is told, and decides nothing."""
NONE_OF: Final = ("lost", "repeated", "disordered", "acknowledged_missing", "resets")
ALL_OF: Final = ("records", "acknowledged_after_restart", "chain_verified", "stuck_client_cut")


def drift(samples: Sequence[tuple[float, float]], restarted_at: float) -> dict[str, float]:
    """How much the restarted service has grown, of samples (moment, resident megabytes) taken every second.

    The time from the restart to the end of the writing in ten parts: the median of the second part (the first warms up)
    is the start, the median of the last is the end.
    """
    after = [mb for at, mb in samples if at >= restarted_at and mb]
    tenth = max(1, len(after) // 10)
    first, last = quantile(after[tenth : 2 * tenth], 0.5), quantile(after[-tenth:], 0.5)
    percent = (last - first) / first * 100 if first else 0.0
    return {"rss_start_mb": round(first, 1), "rss_end_mb": round(last, 1), "rss_drift_percent": round(percent, 1)}


def latency(values_ms: list[float]) -> dict[str, float]:
    """From a record's own time, before its commit, to its reading by a follower."""
    shares = (("p50", 0.5), ("p95", 0.95), ("p99", 0.99))
    return {name: round(quantile(values_ms, share), 1) for name, share in shares}


def failures(figures: Mapping[str, Any], minutes: float) -> list[str]:
    """The names of the figures that are not good enough; none of them, and the soak has passed."""
    steady = minutes >= STEADY_FROM_MINUTES
    wrong = {
        **{name: figures[name] != 0 for name in NONE_OF},
        **{name: not figures[name] for name in ALL_OF},
        "longest_silence_s": figures["longest_silence_s"] > 2 * HEARTBEAT_S,
        "rss_drift_percent": steady
        and (not figures["rss_end_mb"] or figures["rss_drift_percent"] > MOST_DRIFT_PERCENT),
    }
    return [name for name, bad in wrong.items() if bad]

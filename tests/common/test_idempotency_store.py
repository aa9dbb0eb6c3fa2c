"""Where answers to idempotent requests are kept."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tillhand_common.idempotency_store import IdempotencyStore
from tillhand_common.lifecycle import StartupError
from tillhand_common.testing import FakeClock


def test_a_second_process_is_refused_the_file(tmp_path: Path) -> None:
    with IdempotencyStore(tmp_path / "i.sqlite"), pytest.raises(StartupError, match="in use"):
        IdempotencyStore(tmp_path / "i.sqlite").__enter__()


@pytest.mark.parametrize("damage", [b"no database at all, " * 100, b"SQLite format 3\0" + b"\xff" * 4080])
def test_a_damaged_file_is_set_aside_and_begun_anew(tmp_path: Path, damage: bytes) -> None:
    path = tmp_path / "i.sqlite"
    path.write_bytes(damage)
    with IdempotencyStore(path) as store:
        assert store.claim("s", "k", b"f") is None
    with IdempotencyStore(path) as store:
        assert store.claim("s", "k", b"f") is not None
    assert (tmp_path / "i.sqlite.damaged").read_bytes() == damage


def test_a_file_that_cannot_be_opened_is_not_said_to_be_in_use(tmp_path: Path) -> None:
    (tmp_path / "i.sqlite").mkdir()
    with pytest.raises(StartupError, match=r"i\.sqlite cannot be opened"):
        IdempotencyStore(tmp_path / "i.sqlite").__enter__()


async def test_answers_are_forgotten_after_their_time(tmp_path: Path) -> None:
    clock = FakeClock(datetime(2026, 1, 1, tzinfo=UTC))
    with IdempotencyStore(tmp_path / "i.sqlite", ttl_s=60, clock=clock) as store:
        assert store.claim("s", "k", b"f") is None
        store.answer("s", "k", 200, [(b"a", b"b")], b"body")
        await clock.advance(59)
        known = store.claim("s", "k", b"f")
        assert known is not None
        assert (known.state, known.status, known.headers, known.body) == ("answered", 200, [(b"a", b"b")], b"body")
        await clock.advance(1)
        assert store.claim("s", "k", b"f") is None


async def test_the_oldest_answers_go_first_when_there_are_too_many_or_too_large_ones(tmp_path: Path) -> None:
    clock = FakeClock(datetime(2026, 1, 1, tzinfo=UTC))
    with IdempotencyStore(tmp_path / "i.sqlite", max_count=150, max_bytes=100_000, clock=clock) as store:
        store.claim("s", "running", b"f")
        for number in range(1000):
            await clock.advance(0.001)
            assert store.claim("s", f"k{number}", b"f") is None
            store.answer("s", f"k{number}", 200, [], b"x" * 1000)
        known = [key for key in ("k999", "running", "k901", "k700", "k0") if store.claim("s", key, b"f") is not None]
    assert known == ["k999", "running", "k901"]

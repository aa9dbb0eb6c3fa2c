"""gzip under an upper bound."""

import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tillhand_common.gunzip import Gunzip, GzipDamaged, GzipOversized, gunzip


@given(st.lists(st.binary(max_size=200), min_size=1, max_size=4), st.integers(1, 50))
def test_however_it_is_cut_and_joined_it_comes_out_whole(parts: list[bytes], step: int) -> None:
    packed = b"".join(gzip.compress(part) for part in parts) + b"\x00" * 8
    whole = b"".join(parts)
    unpack = Gunzip(len(whole))
    pieces = [unpack.feed(packed[start : start + step]) for start in range(0, len(packed), step)]
    unpack.finish()
    assert b"".join(pieces) == whole


def test_one_byte_more_than_allowed_is_too_much() -> None:
    assert gunzip(gzip.compress(bytes(1_000)), 1_000) == bytes(1_000)
    with pytest.raises(GzipOversized):
        gunzip(gzip.compress(bytes(1_001)), 1_000)


@pytest.mark.parametrize(
    "packed",
    [b"plain", gzip.compress(b"cut")[:-1], gzip.compress(b"a") + gzip.compress(b"b")[:-1]],
    ids=["plain", "cut", "second part cut"],
)
def test_what_is_damaged_is_told(packed: bytes) -> None:
    with pytest.raises(GzipDamaged):
        gunzip(packed, 1_000)


def test_nothing_is_nothing() -> None:
    assert gunzip(b"", 1_000) == b""

"""The vault's encryption: what is sealed opens in its place alone, under its own key."""

from __future__ import annotations

from pathlib import Path

import pytest

from tillhand_approvals.adapters.vault_crypto import EnvelopeCipher, load_cipher
from tillhand_approvals.errors import SealBroken
from tillhand_approvals.ports.sealing import Place
from tillhand_common.lifecycle import StartupError

PLACE = Place("shop", "p1", "arguments", "person-1")


@pytest.fixture
def cipher(tmp_path: Path) -> EnvelopeCipher:
    return load_cipher(tmp_path / "vault.keys")


def test_a_value_opens_in_its_place_alone(cipher: EnvelopeCipher) -> None:
    key = cipher.new_key("shop", "person-1")
    sealed = cipher.seal(key, PLACE, b"secret")
    assert cipher.open(key, PLACE, sealed) == b"secret"
    assert cipher.seal(key, PLACE, b"secret") != sealed
    for other in (PLACE._replace(record="p2"), PLACE._replace(field="note"), PLACE._replace(tenant="other")):
        with pytest.raises(SealBroken):
            cipher.open(key, other, sealed)
    with pytest.raises(SealBroken):
        cipher.open(cipher.new_key("shop", "person-1"), PLACE, sealed)


@pytest.mark.parametrize("at", [0, 5, 15, -1])
def test_a_changed_byte_does_not_open(cipher: EnvelopeCipher, at: int) -> None:
    key = cipher.new_key("shop", "person-1")
    sealed = bytearray(cipher.seal(key, PLACE, b"secret"))
    sealed[at] ^= 1
    with pytest.raises(SealBroken):
        cipher.open(key, PLACE, bytes(sealed))
    with pytest.raises(SealBroken):
        cipher.open(b"", PLACE, cipher.seal(key, PLACE, b"secret"))


def test_a_new_master_key_opens_what_the_old_one_wrapped_and_wraps_it_anew(tmp_path: Path) -> None:
    old = load_cipher(tmp_path / "vault.keys")
    key = old.new_key("shop", "person-1")
    sealed = old.seal(key, PLACE, b"secret")
    fresh = load_cipher(tmp_path / "fresh.keys")
    lines = (tmp_path / "fresh.keys").read_text() + (tmp_path / "vault.keys").read_text()
    (tmp_path / "both.keys").write_text(lines)
    both = load_cipher(tmp_path / "both.keys")
    assert both.master == fresh.master != old.master
    again = both.rewrapped(key, "shop", "person-1")
    assert both.open(key, PLACE, sealed) == fresh.open(again, PLACE, sealed) == b"secret"
    with pytest.raises(SealBroken):
        old.open(again, PLACE, sealed)


def test_the_keys_are_private_and_a_file_that_holds_none_stops_the_start(tmp_path: Path) -> None:
    cipher = load_cipher(tmp_path / "vault.keys")
    assert (tmp_path / "vault.keys").stat().st_mode & 0o777 == 0o600
    assert load_cipher(tmp_path / "vault.keys").master == cipher.master
    secret = (tmp_path / "vault.keys").read_text().split()[1]
    assert secret not in repr(cipher)
    for text in ("", "nothing here\n", "12345678 00\n"):
        (tmp_path / "bad.keys").write_text(text)
        with pytest.raises(StartupError):
            load_cipher(tmp_path / "bad.keys")

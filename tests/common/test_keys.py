"""API keys, as the command line and a running service use them: two stores on one file."""

import json
import os
import pwd
import stat
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tillhand_common import keys
from tillhand_common.keys import KeyRefused, KeyStore, KeyStoreUnreadable, UnknownKey


class StoppedClock:
    """A clock that moves when told to."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 1, 1, tzinfo=UTC)

    def now(self) -> datetime:
        return self.moment

    def monotonic(self) -> float:
        return self.moment.timestamp()

    async def sleep(self, seconds: float) -> None:
        raise NotImplementedError


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return where the store is."""
    return tmp_path / "data" / "keys.json"


def mode(path: Path) -> int:
    """Return the permission bits of a file or folder."""
    return stat.S_IMODE(path.stat().st_mode)


def test_a_new_key_is_known_by_its_token_and_carries_what_it_was_given(path: Path) -> None:
    made = KeyStore(path).create("shop-agent", "agent", tenant="shop", collections=["manuals"], scopes=["rag:read"])
    found = KeyStore(path).authenticate(made.token)
    assert found == made.key
    assert (found.name, found.kind, found.tenant) == ("shop-agent", "agent", "shop")
    assert (found.collections, found.scopes) == (frozenset({"manuals"}), frozenset({"rag:read"}))
    assert made.token.startswith(f"th_agent_{found.id}_")


def test_neither_token_nor_secret_is_in_the_file_or_the_listing(path: Path) -> None:
    store = KeyStore(path)
    made = store.create("shop-agent", "agent")
    secret = made.token.rsplit("_", 1)[1]
    assert len(bytes.fromhex(secret)) * 8 >= 256
    assert secret not in path.read_text()
    assert secret not in repr(store.list())


@pytest.mark.parametrize(
    "forge",
    [
        lambda token: token[:-1] + ("0" if token[-1] != "0" else "1"),
        lambda token: token.replace("th_agent", "th_operator"),
        lambda token: token + "0",
        lambda token: token.upper(),
        lambda token: token.replace("_", "-"),
        lambda _: "",
        lambda _: "th_agent_000000000000_" + "0" * 64,
        lambda _: "th_agent_é_" + "0" * 64,
    ],
)
def test_a_token_that_differs_in_anything_is_unknown(path: Path, forge: object) -> None:
    store = KeyStore(path)
    made = store.create("shop-agent", "agent")
    assert callable(forge)
    assert store.authenticate(forge(made.token)) is None


def test_file_and_folder_are_their_owners_alone(path: Path) -> None:
    KeyStore(path).create("shop-agent", "agent")
    assert (mode(path), mode(path.parent)) == (0o600, 0o700)


def test_a_running_store_sees_each_change_of_another_process_at_once(path: Path) -> None:
    running, command_line = KeyStore(path), KeyStore(path)
    assert running.list() == ()
    made = command_line.create("shop-agent", "agent")
    assert running.authenticate(made.token) is not None
    rotated = command_line.rotate("shop-agent")
    assert running.authenticate(made.token) is None
    assert running.authenticate(rotated.token) is not None
    command_line.revoke("shop-agent")
    assert running.authenticate(rotated.token) is None


def test_a_hundred_changes_within_one_tick_of_the_file_clock_are_all_seen(path: Path) -> None:
    running, command_line = KeyStore(path), KeyStore(path)
    token = command_line.create("shop-agent", "agent").token
    for _ in range(100):
        assert running.authenticate(token) is not None
        old, token = token, command_line.rotate("shop-agent").token
        assert running.authenticate(old) is None


def test_a_rotated_key_keeps_its_identity_and_its_old_secret_for_the_grace_period(path: Path) -> None:
    clock = StoppedClock()
    store = KeyStore(path, clock=clock)
    made = store.create("shop-agent", "agent", collections=["manuals"])
    rotated = store.rotate(made.key.id, grace_s=60)
    assert rotated.key == made.key.model_copy(update={"rotated_at": clock.moment})
    clock.moment += timedelta(seconds=59)
    assert store.authenticate(made.token) == store.authenticate(rotated.token) == rotated.key
    clock.moment += timedelta(seconds=1)
    assert store.authenticate(made.token) is None
    assert store.authenticate(rotated.token) == rotated.key


def test_a_second_rotation_ends_the_first_secret_though_its_grace_is_not_over(path: Path) -> None:
    store = KeyStore(path)
    first = store.create("shop-agent", "agent").token
    second = store.rotate("shop-agent", grace_s=600).token
    store.rotate("shop-agent", grace_s=600)
    assert store.authenticate(first) is None
    assert store.authenticate(second) is not None


def test_a_revoked_key_stays_listed_and_cannot_come_back(path: Path) -> None:
    store = KeyStore(path)
    made = store.create("shop-agent", "agent")
    revoked = store.revoke("shop-agent")
    assert store.list() == (revoked,)
    assert revoked.revoked_at is not None
    assert not store.any_active()
    assert store.authenticate(made.token) is None
    for ref in ("shop-agent", made.key.id):
        with pytest.raises(UnknownKey):
            store.rotate(ref)
        with pytest.raises(UnknownKey):
            store.revoke(ref)
    assert store.create("shop-agent", "agent").key.id != made.key.id


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"scopes": ["approvals:propose", "approvals:decide"]}, "scopes"),
        ({"scopes": ["rag:read", "rag:delete"]}, "scopes"),
        ({"collections": []}, "collections"),
        ({"tenant": "no spaces"}, "tenant"),
        ({"name": ""}, "name"),
        ({"name": "taken"}, "name"),
    ],
)
def test_a_key_that_must_not_exist_is_refused_and_leaves_nothing_behind(
    path: Path, options: dict[str, str], field: str
) -> None:
    store = KeyStore(path)
    store.create("taken", "agent")
    with pytest.raises(KeyRefused) as caught:
        store.create(**{"name": "new", "kind": "service", **options})  # type: ignore[arg-type]  # rows of a table
    assert caught.value.field == field
    assert [key.name for key in store.list()] == ["taken"]


def test_no_kind_may_both_propose_and_decide_by_default() -> None:
    for scopes in keys.DEFAULT_SCOPES.values():
        assert scopes <= keys.SCOPES.keys()
        assert not scopes >= {"approvals:propose", "approvals:decide"}


def test_the_first_start_leaves_one_key_of_each_kind_and_later_ones_nothing(tmp_path: Path) -> None:
    data = tmp_path / "data"
    written = keys.bootstrap(data)
    assert [file.name for file in written] == ["agent.key", "service.key", "operator.key"]
    assert {mode(file) for file in written} == {0o600}
    assert mode(data / "keys") == 0o700
    store = KeyStore(keys.store_path(data))
    for kind in keys.KINDS:
        found = store.authenticate(keys.read_token(data, kind) or "")
        assert found is not None
        assert (found.kind, found.scopes) == (kind, keys.DEFAULT_SCOPES[kind])
    before = [file.read_bytes() for file in written]
    assert keys.bootstrap(data) == ()
    assert [file.read_bytes() for file in written] == before


def test_the_token_file_of_the_first_start_follows_its_key(tmp_path: Path) -> None:
    keys.bootstrap(tmp_path)
    store = KeyStore(keys.store_path(tmp_path))
    rotated = store.rotate("operator")
    assert keys.read_token(tmp_path, "operator") == rotated.token
    assert mode(keys.token_path(tmp_path / "keys", "operator")) == 0o600
    assert store.authenticate(keys.read_token(tmp_path, "agent") or "") is not None


def test_a_token_file_of_another_key_stays_as_it_is(tmp_path: Path) -> None:
    keys.bootstrap(tmp_path)
    store = KeyStore(keys.store_path(tmp_path))
    before = keys.read_token(tmp_path, "operator")
    store.create("second-operator", "operator")
    store.rotate("second-operator")
    assert keys.read_token(tmp_path, "operator") == before
    keys.token_path(tmp_path / "keys", "agent").unlink()
    store.rotate("agent")
    assert keys.read_token(tmp_path, "agent") is None


def test_keys_kept_elsewhere_have_their_token_files_where_they_are_told(tmp_path: Path) -> None:
    path = tmp_path / "elsewhere" / "keys.json"
    keys.bootstrap(tmp_path, path)
    rotated = KeyStore(path, tokens=tmp_path / "keys").rotate("operator")
    assert keys.read_token(tmp_path, "operator") == rotated.token


def test_keys_that_were_all_revoked_are_not_made_again(tmp_path: Path) -> None:
    keys.bootstrap(tmp_path)
    store = KeyStore(keys.store_path(tmp_path))
    for kind in keys.KINDS:
        store.revoke(kind)
    assert keys.bootstrap(tmp_path) == ()
    assert not store.any_active()


def test_services_that_start_together_for_the_first_time_agree_on_the_keys(tmp_path: Path) -> None:
    program = "import sys, pathlib; from tillhand_common import keys; keys.bootstrap(pathlib.Path(sys.argv[1]))"
    started = [
        subprocess.Popen([sys.executable, "-W", "error", "-c", program, str(tmp_path)])  # our own program
        for _ in range(4)
    ]
    assert [process.wait(timeout=60) for process in started] == [0] * 4
    store = KeyStore(keys.store_path(tmp_path))
    assert sorted(key.name for key in store.list()) == ["agent", "operator", "service"]
    assert all(store.authenticate(keys.read_token(tmp_path, kind) or "") for kind in keys.KINDS)


def test_a_file_that_is_no_key_store_is_an_error_and_never_an_empty_store(path: Path) -> None:
    made = KeyStore(path).create("shop-agent", "agent")
    store = KeyStore(path)
    path.write_text("{}garbage")
    with pytest.raises(KeyStoreUnreadable):
        store.authenticate(made.token)
    with pytest.raises(KeyStoreUnreadable):
        store.create("other", "agent")
    assert path.read_text() == "{}garbage"


def test_each_change_is_remembered_with_who_made_it_and_when(path: Path) -> None:
    clock = StoppedClock()
    store = KeyStore(path, clock=clock)
    made = store.create("shop-agent", "agent", scopes=["rag:read"])
    clock.moment += timedelta(hours=1)
    token = store.rotate("shop-agent").token
    store.revoke(made.key.id)
    changes = KeyStore(path).history()
    assert [(each.what, each.key, each.name) for each in changes] == [
        (what, made.key.id, "shop-agent") for what in ("created", "rotated", "revoked")
    ]
    assert [each.at for each in changes] == [clock.moment - timedelta(hours=1), clock.moment, clock.moment]
    assert {each.by for each in changes} == {pwd.getpwuid(os.getuid()).pw_name}
    assert {each.scopes for each in changes} == {frozenset({"rag:read"})}
    assert token.rsplit("_", 1)[1] not in path.read_text()


def test_a_change_that_was_refused_is_not_remembered_and_the_first_keys_are(path: Path) -> None:
    store = KeyStore(path)
    store.bootstrap(path.parent / "keys")
    with pytest.raises(KeyRefused):
        store.create("agent", "agent")
    with pytest.raises(UnknownKey):
        store.revoke("nobody")
    assert [(each.what, each.name) for each in store.history()] == [("created", kind) for kind in keys.KINDS]


def test_a_store_written_before_there_was_a_history_is_read_and_begins_one(path: Path) -> None:
    made = KeyStore(path).create("shop-agent", "agent")
    written = json.loads(path.read_text())
    del written["history"]
    path.write_text(json.dumps(written))
    store = KeyStore(path)
    assert store.authenticate(made.token) == made.key
    assert store.history() == ()
    store.revoke(made.key.id)
    assert [each.what for each in store.history()] == ["revoked"]


def test_only_the_latest_changes_are_remembered(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "HISTORY", 2)
    store = KeyStore(path)
    for name in ("one", "two", "three"):
        store.create(name, "agent")
    assert [each.name for each in store.history()] == ["two", "three"]

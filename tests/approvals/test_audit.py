"""The record: chained, signed, exported, verified; whatever is done to it afterwards is found and named."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tillhand_approvals.adapters.signing import CheckpointJournal, Ed25519Signer, load_signer, read_checkpoints
from tillhand_approvals.domain.audit import Checkpoint, Draft, Head, Report, chained, cloud_event, origin, verify

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
Lines = list[str]


def log(count: int, *, first: int = 0, head: Head | None = None, word: str = "kept") -> tuple[Lines, list[Head]]:
    """So many records, and the head after each."""
    head = head or origin("shop")
    lines, heads = [], []
    for number in range(first, first + count):
        data = {"number": number, "word": word, "hash": "f" * 64, "text": ',"hash":"'}
        actor = {"id": "key:1", "kind": "person"}
        draft = Draft("shop", "note.added", NOW + timedelta(seconds=number), actor, f"p{number % 3}", None, data)
        line, head = chained(head, draft)
        lines.append(line)
        heads.append(head)
    return lines, heads


@pytest.fixture(scope="module")
def signer(tmp_path_factory: pytest.TempPathFactory) -> Ed25519Signer:
    return load_signer(tmp_path_factory.mktemp("signing"))


def signed(signer: Ed25519Signer, head: Head) -> Checkpoint:
    return signer.sign(Checkpoint("shop", head.sequence, head.hash, "2026-03-01T12:00:00.000Z", ""))


def kinds(report: Report) -> set[str]:
    return {each.kind for each in report.breaks}


def test_a_whole_record_holds_and_says_how_far_it_is_signed(signer: Ed25519Signer) -> None:
    lines, heads = log(30)
    report = verify(lines, "shop", [signed(signer, heads[19])], signer.signed, heads[-1])
    assert (report.ok, report.records, report.covered, report.head) == (True, 30, 20, heads[-1])


def envelope(line: str) -> str:
    record = json.loads(line)
    return cloud_event(line, record["sequence"], "shop", record["type"], record["subject"], record["time"])


@pytest.mark.parametrize("written_again", [False, True])
def test_an_export_holds_also_when_another_tool_has_written_it_again(written_again: bool) -> None:
    exported = [envelope(line) for line in log(5)[0]]
    if written_again:
        exported = [json.dumps(json.loads(line), indent=None, sort_keys=True) for line in exported]
    assert verify(exported, "shop").ok
    event = json.loads(exported[0])
    assert (event["specversion"], event["id"], event["type"]) == ("1.0", "shop/1", "tillhand.note.added")


def changed(lines: Lines) -> Lines:
    return [*lines[:10], lines[10].replace("kept", "kemt"), *lines[11:]]


def changed_with_its_hash(lines: Lines) -> Lines:
    head = Head(10, json.loads(lines[9])["hash"])
    return [*lines[:10], *log(1, first=10, head=head, word="kemt")[0], *lines[11:]]


def missing(lines: Lines) -> Lines:
    return [*lines[:10], *lines[11:]]


def reordered(lines: Lines) -> Lines:
    return [*lines[:10], lines[11], lines[10], *lines[12:]]


def forked(lines: Lines) -> Lines:
    head = Head(10, json.loads(lines[9])["hash"])
    return [*lines[:10], *log(20, first=10, head=head, word="other")[0]]


def truncated(lines: Lines) -> Lines:
    return lines[:15]


@pytest.mark.parametrize(
    ("tamper", "kind"),
    [
        (changed, "changed"),
        (changed_with_its_hash, "changed"),
        (missing, "missing"),
        (reordered, "reordered"),
        (forked, "forked"),
        (truncated, "truncated"),
    ],
)
def test_each_kind_of_tampering_is_named(signer: Ed25519Signer, tamper: Callable[[Lines], Lines], kind: str) -> None:
    lines, heads = log(30)
    report = verify(tamper(lines), "shop", [signed(signer, heads[19])], signer.signed)
    assert kinds(report) == {kind}, report.breaks


def test_a_foreign_record_and_a_forged_checkpoint_are_named(signer: Ed25519Signer) -> None:
    lines, heads = log(3)
    assert kinds(verify(lines, "other")) == {"foreign"}
    forged = replace(signed(signer, heads[1]), sequence=3, hash=heads[2].hash)
    assert kinds(verify(lines, "shop", [forged], signer.signed)) == {"unsigned"}
    assert kinds(verify([*lines, "{}", "nothing"], "shop")) == {"malformed"}


def test_a_part_of_a_record_holds_behind_a_signed_checkpoint_and_a_whole_one_begins_at_its_beginning(
    signer: Ed25519Signer,
) -> None:
    lines, heads = log(30)
    before, elsewhere = [signed(signer, heads[9])], [signed(signer, heads[8])]
    assert verify(lines[10:], "shop", before, signer.signed, partial=True).ok
    assert kinds(verify(lines[10:], "shop", elsewhere, signer.signed, partial=True)) == {"missing"}
    assert kinds(verify(lines[10:], "shop", before, signer.signed)) == {"missing"}


def a_byte(lines: Lines, place: int, draw: random.Random) -> Lines:
    at = draw.randrange(len(lines[place]))
    other = chr((ord(lines[place][at]) + draw.randrange(1, 90)) % 127)
    return [*lines[:place], lines[place][:at] + other + lines[place][at + 1 :], *lines[place + 1 :]]


def a_field(lines: Lines, place: int, draw: random.Random) -> Lines:
    record = json.loads(lines[place])
    record[draw.choice([*record])] = draw.choice([None, "x", 7])
    return [*lines[:place], json.dumps(record, sort_keys=True, separators=(",", ":")), *lines[place + 1 :]]


def a_swap(lines: Lines, place: int, draw: random.Random) -> Lines:
    other = (place + draw.randrange(1, len(lines))) % len(lines)
    swapped = list(lines)
    swapped[place], swapped[other] = swapped[other], swapped[place]
    return swapped


def all_anew(lines: Lines, place: int, _draw: random.Random) -> Lines:
    previous = Head(place, json.loads(lines[place - 1])["hash"]) if place else origin("shop")
    return [*lines[:place], *log(len(lines) - place, first=place, head=previous, word="x")[0]]


TAMPERINGS: list[Callable[[Lines, int, random.Random], Lines]] = [
    a_byte,
    a_field,
    a_swap,
    all_anew,
    lambda lines, place, _: [*lines[:place], *lines[place + 1 :]],
    lambda lines, place, _: [*lines[:place], lines[place], *lines[place:]],
    lambda lines, place, _: lines[: place or 1],
]


def test_a_thousand_tamperings_at_random_are_all_found(signer: Ed25519Signer) -> None:
    lines, heads = log(40)
    checkpoints = [signed(signer, heads[19]), signed(signer, heads[39])]
    draw = random.Random(4)  # noqa: S311  # the same tamperings in every run
    meant = [json.loads(line) for line in lines]
    found = 0
    while found < 1_000:
        done = draw.choice(TAMPERINGS)(lines, draw.randrange(len(lines)), draw)
        if _as_meant(done) == meant:
            continue  # a byte that says the same, such as another case of an escape
        report = verify(done, "shop", checkpoints, signer.signed)
        assert not report.ok, done
        found += 1


def _as_meant(lines: Lines) -> list[object]:
    try:
        return [json.loads(line) for line in lines]
    except ValueError:
        return []


def test_checkpoints_outlive_a_torn_last_line_and_a_new_key(tmp_path: Path) -> None:
    first = load_signer(tmp_path / "keys")
    journal = CheckpointJournal(tmp_path / "checkpoints.jsonl")
    heads = log(2)[1]
    journal.append(signed(first, heads[0]))
    with (tmp_path / "checkpoints.jsonl").open("a") as file:
        file.write('{"tenant":"shop","seq')
    assert [each.sequence for each in journal.read("shop")] == [1]
    old = (tmp_path / "keys" / "audit.pub").read_text()
    (tmp_path / "keys" / "audit.key").unlink()
    load_signer(tmp_path / "keys")
    public = tmp_path / "keys" / "audit.pub"
    public.write_text(public.read_text() + old)
    assert all(load_signer(tmp_path / "keys").signed(each) for each in read_checkpoints(tmp_path / "checkpoints.jsonl"))

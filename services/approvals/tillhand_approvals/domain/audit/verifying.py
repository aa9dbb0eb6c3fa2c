"""Verification of a record, live or from an export: what was changed, dropped, reordered, forked or cut off."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import orjson

from tillhand_approvals.domain.audit.chain import Head, origin
from tillhand_approvals.domain.audit.checkpoints import Checkpoint
from tillhand_approvals.domain.audit.events import SOURCE, TYPE, enveloped_line, is_cloud_event
from tillhand_approvals.domain.canonical import canonical
from tillhand_approvals.errors import UncanonicalJson

Kind = Literal["malformed", "foreign", "changed", "missing", "reordered", "forked", "truncated", "unsigned"]
MEMBERS: Final = frozenset("actor data hash previous request_id sequence subject tenant time type".split())
MOST_BREAKS: Final = 1_000
REMEMBERED: Final = 4_096
"""Hashes of the newest records, to tell a repeated record from another one in its place."""
_HASH: Final = b',"hash":"'
_CUT: Final = len(_HASH) + 64 + 1
Signed = Callable[[Checkpoint], bool]
"""Whether a checkpoint's signature is good."""


@dataclass(frozen=True, slots=True)
class Break:
    """Where the record does not hold. `sequence` is of the record that is concerned; None for a line that is none."""

    kind: Kind
    sequence: int | None
    message: str


@dataclass(slots=True)
class Report:
    """What was found. `covered` is the last record that a good checkpoint signs, with all before it; `recorded_as` the
    number under which the record itself has kept this report, where it has.
    """

    tenant: str
    records: int = 0
    first: int | None = None
    head: Head | None = None
    checkpoints: int = 0
    covered: int = 0
    breaks: list[Break] = field(default_factory=list)
    recorded_as: int | None = None

    @property
    def ok(self) -> bool:
        """Whether nothing was found."""
        return not self.breaks


class Verifier:
    """Takes lines one after the other, in whatever order they come, and says at the end what is wrong with them.

    A part of a record, as an export can be, may begin behind a signed checkpoint; a whole one begins at 1.
    """

    def __init__(
        self,
        tenant: str,
        checkpoints: Iterable[Checkpoint] = (),
        signed: Signed = lambda _: False,
        *,
        partial: bool = False,
    ) -> None:
        self._partial = partial
        self.report = Report(tenant)
        self._last = origin(tenant)
        self._trusted = True  # whether `_last` is what the next record has to follow
        self._missing: dict[int, None] = {}
        self._recent: dict[int, str] = {}
        self._hashes: dict[int, str] = {}
        self._checkpoints = [self._checked(each, signed) for each in checkpoints]
        self._wanted = {each.sequence for each in self._checkpoints if each is not None}

    def take(self, line: str | bytes) -> None:
        """The next line: a record, or the CloudEvent that holds one."""
        try:
            record, digest = _read(line)
        except (orjson.JSONDecodeError, UncanonicalJson, ValueError, TypeError):
            self._break("malformed", None, f"Line {self.report.records + len(self.report.breaks) + 1} is no record.")
            return
        if record["tenant"] != self.report.tenant:
            self._break("foreign", record["sequence"], "The record belongs to another tenant.")
            return
        self.report.records += 1
        sequence, own = record["sequence"], record["hash"]
        if digest != own:
            self._break("changed", sequence, "What the record says does not have its hash.")
        self._place(sequence, own, record["previous"])
        if sequence in self._wanted:
            self._hashes[sequence] = own
        self._recent[sequence] = own
        if len(self._recent) > REMEMBERED:
            del self._recent[next(iter(self._recent))]

    def _place(self, sequence: int, own: str, previous: str) -> None:
        """Whether the record stands where it belongs."""
        expected = self._last.sequence + 1
        if sequence < expected:
            self._out_of_place(sequence, own)
            return
        if sequence > expected:
            self._gap(expected, sequence, previous)
        elif self._trusted and previous != self._last.hash:
            self._break("changed", self._last.sequence, f"Record {sequence} follows another one than stands before it.")
        if self.report.first is None:
            self.report.first = sequence
        self._last, self._trusted = Head(sequence, own), True

    def _gap(self, expected: int, sequence: int, previous: str) -> None:
        anchored = (
            self._partial
            and self.report.first is None
            and any(each and (each.sequence, each.hash) == (sequence - 1, previous) for each in self._checkpoints)
        )
        if not anchored:
            self._missing.update(dict.fromkeys(range(expected, min(sequence, expected + MOST_BREAKS))))

    def _out_of_place(self, sequence: int, own: str) -> None:
        if sequence in self._missing:
            del self._missing[sequence]
            self._break("reordered", sequence, "The record stands behind later ones.")
        elif self._recent.get(sequence) == own:
            self._break("reordered", sequence, "The record stands here a second time.")
        else:
            self._break("forked", sequence, "Two records claim this place.")

    def end(self, expected: Head | None = None) -> Report:
        """What is wrong, given the head that there should be, where it is known."""
        report = self.report
        report.head = self._last if report.records else None
        for sequence in self._missing:
            self._break("missing", sequence, "The record is not there.")
        for each in filter(None, self._checkpoints):
            self._compare(each)
        if expected is not None and expected.sequence > self._last.sequence:
            self._break("truncated", self._last.sequence + 1, f"The record should go on to {expected.sequence}.")
        elif expected is not None and expected != self._last:
            self._break("forked", expected.sequence, "The head is another record than it should be.")
        return report

    def _compare(self, checkpoint: Checkpoint) -> None:
        """Whether the record still says what was signed."""
        sequence = checkpoint.sequence
        found = self._hashes.get(sequence)
        if sequence > self._last.sequence:
            self._break("truncated", self._last.sequence + 1, f"A signed checkpoint is of record {sequence}.")
        elif found is None:
            return  # before the first record of a part; or missing, which is said already
        elif found != checkpoint.hash:
            self._break("forked", sequence, "A signed checkpoint names another record: the chain was written anew.")
        else:
            self.report.covered = max(self.report.covered, sequence)

    def _checked(self, checkpoint: Checkpoint, signed: Signed) -> Checkpoint | None:
        self.report.checkpoints += 1
        if checkpoint.tenant != self.report.tenant:
            self._break("foreign", checkpoint.sequence, "The checkpoint belongs to another tenant.")
        elif not signed(checkpoint):
            self._break("unsigned", checkpoint.sequence, "The checkpoint's signature is not good.")
        else:
            return checkpoint
        return None

    def _break(self, kind: Kind, sequence: int | None, message: str) -> None:
        if len(self.report.breaks) < MOST_BREAKS:
            self.report.breaks.append(Break(kind, sequence, message))


def verify(
    lines: Iterable[str | bytes],
    tenant: str,
    checkpoints: Iterable[Checkpoint] = (),
    signed: Signed = lambda _: False,
    expected: Head | None = None,
    *,
    partial: bool = False,
) -> Report:
    """Verify a record, or a part of one; takes memory for its checkpoints, and for nothing else that grows."""
    verifier = Verifier(tenant, checkpoints, signed, partial=partial)
    for line in lines:
        verifier.take(line)
    return verifier.end(expected)


def _read(line: str | bytes) -> tuple[dict[str, Any], str]:
    """A record, and the hash of what it says. Raises `ValueError` where the line is none."""
    raw = line.encode() if isinstance(line, str) else line
    record = orjson.loads(raw)
    if not isinstance(record, dict):
        raise ValueError("no object")  # noqa: TRY004  # a line that is no record
    whole, envelope = raw, None
    if is_cloud_event(record):
        envelope, record = record, dict(record["data"])
        raw = _inner(raw, record)
    if record.keys() != MEMBERS:
        raise ValueError("not the members of a record")
    if type(record["sequence"]) is not int or not all(type(record[name]) is str for name in ("hash", "previous")):
        raise ValueError("members of other kinds")
    if envelope is not None and (not _fits(envelope, record) or _repeats(whole)):
        return record, ""  # no hash is that: the envelope says something else than the record
    return record, _digest(raw, record)


def _fits(envelope: Mapping[str, Any], record: Mapping[str, Any]) -> bool:
    """Whether the envelope says of the record what the record says itself."""
    told = (record.get("tenant"), record.get("type"), record.get("subject"), record.get("time"), record.get("sequence"))
    tenant, type_, subject, time, sequence = told
    return (
        envelope.get("id") == f"{tenant}/{sequence}"
        and envelope.get("source") == f"{SOURCE}{tenant}"
        and envelope.get("type") == f"{TYPE}{type_}"
        and envelope.get("subject") == subject
        and envelope.get("time") == time
        and envelope.get("sequence") == f"{sequence:020d}"
    )


def _inner(raw: bytes, record: Mapping[str, Any]) -> bytes:
    """The bytes of a record within its envelope, if the envelope was written here."""
    try:
        inner = enveloped_line(raw.decode())
        if orjson.loads(inner) == record:
            return inner.encode()
    except (ValueError, UnicodeDecodeError):
        pass
    return b""


def _digest(raw: bytes, record: Mapping[str, Any]) -> str:
    """The hash of a record without its hash: of the bytes as they stand, or else of their canonical form.

    The member is cut out of the text. It is the last such text: strings cannot hold it, since their quotes are escaped,
    and no object follows it in canonical order.
    """
    place = raw.rfind(_HASH)
    if place > 0 and raw[place + len(_HASH) : place + _CUT - 1].decode("latin-1") == record["hash"]:
        digest = hashlib.sha256(raw[:place] + raw[place + _CUT :]).hexdigest()
        if digest == record["hash"]:
            return digest
    if raw and _repeats(raw):
        return ""  # of two members with one name each reader takes another
    return hashlib.sha256(canonical({name: each for name, each in record.items() if name != "hash"})).hexdigest()


def _repeats(raw: bytes) -> bool:
    """Whether an object in it has a member twice."""
    found = False

    def made(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal found
        found = found or len(dict(pairs)) < len(pairs)
        return dict(pairs)

    json.loads(raw, object_pairs_hook=made)
    return found

"""Jobs in the ledger."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Final

from tillhand_common.clock import rfc3339
from tillhand_rag.domain.jobs import Failure
from tillhand_rag.ports.jobs import Ending, Job, JsonObject, NewJob, Place
from tillhand_rag.store.ledger import Ledger

TABLES: Final = """
CREATE TABLE IF NOT EXISTS jobs (
    key INTEGER PRIMARY KEY AUTOINCREMENT, -- the order of the queue
    id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    collection TEXT,
    tenant TEXT NOT NULL,
    created_by TEXT NOT NULL,
    lane TEXT,
    request TEXT NOT NULL,
    state TEXT NOT NULL,
    cancelling INTEGER NOT NULL DEFAULT 0,
    turn INTEGER NOT NULL DEFAULT 0, -- counts what was begun; 0 until this is
    attempts INTEGER NOT NULL DEFAULT 0,
    fruitless INTEGER NOT NULL DEFAULT 0,
    revision INTEGER NOT NULL DEFAULT 0,
    progress TEXT NOT NULL DEFAULT '{}',
    failures TEXT NOT NULL DEFAULT '[]',
    failures_total INTEGER NOT NULL DEFAULT 0,
    report TEXT,
    error TEXT,
    created_at TEXT NOT NULL,
    started_at TEXT,
    finished_at TEXT
) STRICT;
CREATE INDEX IF NOT EXISTS jobs_by_state ON jobs (kind, state);
CREATE INDEX IF NOT EXISTS jobs_by_age ON jobs (kind, created_at, id);
CREATE INDEX IF NOT EXISTS jobs_by_lane ON jobs (kind, lane);
"""

_OPEN: Final = "('queued', 'running')"
_NEXT: Final = """
SELECT j.key FROM jobs j
LEFT JOIN (
    SELECT collection, sum(state = 'running') AS running, max(turn) AS turn FROM jobs WHERE kind = :kind
    GROUP BY collection
) same ON same.collection IS j.collection
WHERE j.kind = :kind AND j.state = 'queued' AND NOT EXISTS (
    SELECT 1 FROM jobs other WHERE other.kind = j.kind AND other.lane = j.lane AND other.state = 'running'
)
ORDER BY j.turn = 0, same.running, same.turn, j.key LIMIT 1
"""
_BEGIN: Final = """
UPDATE jobs SET state = 'running', started_at = coalesce(started_at, :now), attempts = attempts + 1, revision = 0,
    fruitless = fruitless + 1, turn = (SELECT max(turn) + 1 FROM jobs)
WHERE key = :key RETURNING *
"""
_LATEST: Final = """
SELECT * FROM jobs WHERE key IN (SELECT max(key) FROM jobs WHERE kind = ? AND lane IN ({marks}) GROUP BY lane)
"""
_SAVE: Final = """
UPDATE jobs SET progress = :progress, failures = :failures, failures_total = :failures_total, revision = :revision,
    fruitless = :fruitless
WHERE id = :id
"""
_FINISH: Final = """
UPDATE jobs SET state = :state, report = :report, error = :error, finished_at = :now, cancelling = 0 WHERE id = :id
"""
_OLD: Final = """
DELETE FROM jobs WHERE finished_at IS NOT NULL AND (
    finished_at < :older_than OR key IN (
        SELECT key FROM (
            SELECT key, row_number() OVER (PARTITION BY kind, collection ORDER BY key DESC) AS place
            FROM jobs WHERE finished_at IS NOT NULL
        ) WHERE place > :keep
    )
)
"""
_INTERRUPTED: Final = Failure(
    "", "job-interrupted", "The service stopped too often while the job ran, without getting any further."
)


class LedgerJobs:
    """A `JobLedger`: every change is one transaction of the ledger."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    async def add(self, job_id: str, new: NewJob, now: datetime, *, most_waiting: int) -> Job | None:
        """Queue a job; None when so many of this kind wait in its collection already."""
        values = {**asdict(new), "request": _json(new.request), "id": job_id, "now": rfc3339(now)}

        def work(connection: sqlite3.Connection) -> Job | None:
            waiting = connection.execute(
                "SELECT count(*) FROM jobs WHERE kind = :kind AND state = 'queued' AND collection IS :collection",
                values,
            ).fetchone()[0]
            if waiting >= most_waiting:
                return None
            row = connection.execute(
                "INSERT INTO jobs (id, kind, collection, tenant, created_by, lane, request, state, created_at) VALUES "
                "(:id, :kind, :collection, :tenant, :created_by, :lane, :request, 'queued', :now) RETURNING *",
                values,
            ).fetchone()
            return _job(row)

        return await self._ledger.write(work)

    async def get(self, job_id: str) -> Job | None:
        """A job by its id."""
        return next(iter(await self._rows("SELECT * FROM jobs WHERE id = ?", (job_id,))), None)

    async def latest(self, kind: str, lanes: Collection[str]) -> dict[str, Job]:
        """The newest job of each of these lanes that has one."""
        found = await self._rows(_LATEST.format(marks=", ".join("?" * len(lanes))), (kind, *lanes))
        return {job.lane: job for job in found if job.lane is not None}

    async def page(
        self, kind: str, *, collections: Collection[str] | None, after: Place | None, limit: int
    ) -> Sequence[Job]:
        """Jobs of a kind, the newest first."""
        wanted, values = "kind = ?", [kind]
        if collections is not None:
            wanted += f" AND collection IN ({', '.join('?' * len(collections))})"
            values += collections
        if after is not None:
            wanted += " AND (created_at, id) < (?, ?)"
            values += after
        query = f"SELECT * FROM jobs WHERE {wanted} ORDER BY created_at DESC, id DESC LIMIT ?"  # noqa: S608  # only marks
        return await self._rows(query, (*values, limit))

    async def unfinished(self, kind: str, collection: str | None = None) -> Sequence[str]:
        """The ids of the jobs that wait or run, of one collection or of all."""
        query = f"SELECT * FROM jobs WHERE kind = ? AND state IN {_OPEN} AND collection IS coalesce(?, collection)"  # noqa: S608  # a constant
        return [job.id for job in await self._rows(query, (kind, collection))]

    async def reopen(self, kinds: Collection[str], now: datetime, *, most_fruitless: int) -> Sequence[Job]:
        """Queue again what another process left running; return what was ended instead."""
        mine = f"state = 'running' AND kind IN ({', '.join('?' * len(kinds))})"
        ended = f"UPDATE jobs SET state = ?, error = ?, finished_at = ?, cancelling = 0 WHERE {mine} AND "  # noqa: S608  # only marks
        moment = rfc3339(now)

        def work(connection: sqlite3.Connection) -> list[Job]:
            rows = connection.execute(f"{ended} cancelling RETURNING *", ("cancelled", None, moment, *kinds)).fetchall()
            rows += connection.execute(
                f"{ended} fruitless >= ? RETURNING *",
                ("failed", _failures([_INTERRUPTED]), moment, *kinds, most_fruitless),
            ).fetchall()
            connection.execute(f"UPDATE jobs SET state = 'queued' WHERE {mine}", tuple(kinds))  # noqa: S608  # only marks
            return [_job(row) for row in rows]

        return await self._ledger.write(work)

    async def claim(self, kind: str, now: datetime) -> Job | None:
        """Mark the job that is next as running."""

        def work(connection: sqlite3.Connection) -> Job | None:
            found = connection.execute(_NEXT, {"kind": kind}).fetchone()
            if found is None:
                return None
            return _job(connection.execute(_BEGIN, {"key": found["key"], "now": rfc3339(now)}).fetchone())

        return await self._ledger.write(work)

    async def save(self, job: Job) -> None:
        """Keep progress, failures, revision and `fruitless` of a running job."""
        await self._ledger.write(lambda connection: _saved(connection, job))

    async def finish(self, job: Job, ending: Ending, now: datetime) -> None:
        """Keep all of a job, and how it ended."""

        def work(connection: sqlite3.Connection) -> None:
            _saved(connection, job)
            report = None if ending.report is None else _json(ending.report)
            error = None if ending.error is None else _failures([ending.error])
            values = {"id": job.id, "state": ending.state, "report": report, "error": error, "now": rfc3339(now)}
            connection.execute(_FINISH, values)

        await self._ledger.write(work)

    async def cancel(self, job_id: str, now: datetime) -> Job | None:
        """End a job that waits; mark one that runs as being cancelled."""

        def work(connection: sqlite3.Connection) -> Job | None:
            connection.execute(
                "UPDATE jobs SET state = 'cancelled', finished_at = ? WHERE id = ? AND state = 'queued'",
                (rfc3339(now), job_id),
            )
            connection.execute("UPDATE jobs SET cancelling = 1 WHERE id = ? AND state = 'running'", (job_id,))
            row = connection.execute("SELECT * FROM jobs WHERE id = ?", (job_id,)).fetchone()
            return None if row is None else _job(row)

        return await self._ledger.write(work)

    async def forget(self, kind: str, collection: str) -> None:
        """Forget the finished jobs of a collection."""
        query = "DELETE FROM jobs WHERE kind = ? AND collection = ? AND finished_at IS NOT NULL"
        await self._ledger.write(lambda connection: connection.execute(query, (kind, collection)))

    async def sweep(self, *, older_than: datetime, keep: int) -> int:
        """Forget finished jobs that are older, or beyond the newest `keep` of their kind and collection."""
        values = {"older_than": rfc3339(older_than), "keep": keep}
        return await self._ledger.write(lambda connection: connection.execute(_OLD, values).rowcount)

    async def _rows(self, query: str, values: Sequence[str | int | None]) -> list[Job]:
        return await self._ledger.read(lambda connection: [_job(row) for row in connection.execute(query, values)])


def _saved(connection: sqlite3.Connection, job: Job) -> None:
    values: Mapping[str, str | int] = {
        "id": job.id,
        "progress": _json(job.progress),
        "failures": _failures(job.failures),
        "failures_total": job.failures_total,
        "revision": job.revision,
        "fruitless": job.fruitless,
    }
    connection.execute(_SAVE, values)


def _job(row: sqlite3.Row) -> Job:
    columns = {name: row[name] for name in row.keys() if name not in {"key", "turn"}}  # noqa: SIM118  # a row iterates over its values
    columns["cancelling"] = bool(row["cancelling"])
    for name in ("request", "progress", "report"):
        columns[name] = None if row[name] is None else json.loads(row[name])
    columns["failures"] = [Failure(*each) for each in json.loads(row["failures"])]
    columns["error"] = None if row["error"] is None else Failure(*json.loads(row["error"])[0])
    return Job(**columns)


def _json(content: JsonObject) -> str:
    return json.dumps(dict(content), ensure_ascii=False, separators=(",", ":"))


def _failures(failures: Sequence[Failure]) -> str:
    return json.dumps([(each.source, each.reason, each.detail) for each in failures], ensure_ascii=False)

"""What was asked, in the ledger: redacted before it gets here, and forgotten by age and number."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from typing import Final

from tillhand_rag.ports.insight import (
    AnswerOwner,
    AskedRecord,
    Asking,
    Feedback,
    Order,
    Place,
    QuestionGroup,
    Summary,
    Tally,
)
from tillhand_rag.store.ledger import Ledger

TABLES: Final = """
CREATE TABLE IF NOT EXISTS questions (
    key INTEGER PRIMARY KEY AUTOINCREMENT, answer_id TEXT NOT NULL UNIQUE, collection TEXT NOT NULL,
    tenant TEXT NOT NULL, at TEXT NOT NULL, question TEXT, form TEXT NOT NULL, answered INTEGER NOT NULL,
    method TEXT NOT NULL, confidence REAL NOT NULL, sources TEXT NOT NULL, ms REAL NOT NULL,
    helpful INTEGER NOT NULL DEFAULT 0, unhelpful INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX IF NOT EXISTS questions_by_time ON questions (collection, at);
CREATE INDEX IF NOT EXISTS questions_by_age ON questions (at);
CREATE TABLE IF NOT EXISTS feedback (
    answer_id TEXT NOT NULL REFERENCES questions (answer_id) ON DELETE CASCADE, key_id TEXT NOT NULL,
    rating TEXT NOT NULL, comment TEXT, expected_source TEXT, at TEXT NOT NULL,
    PRIMARY KEY (answer_id, key_id)
) STRICT, WITHOUT ROWID;
"""

_ADD: Final = """
INSERT OR IGNORE INTO questions
    (answer_id, collection, tenant, at, question, form, answered, method, confidence, sources, ms)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
_COUNT_FEEDBACK: Final = """
UPDATE questions SET
    helpful = (SELECT count(*) FROM feedback f WHERE f.answer_id = questions.answer_id AND f.rating = 'helpful'),
    unhelpful = (SELECT count(*) FROM feedback f WHERE f.answer_id = questions.answer_id AND f.rating = 'unhelpful')
WHERE answer_id = ?
"""
_MEANT: Final = """
FROM questions WHERE collection = :collection AND at >= :since AND tenant = coalesce(:tenant, tenant)
    AND answered <= :answered
"""
# With a single max(), SQLite takes the other columns from the row that has it: the last one of its group.
_GROUPS: Final = f"""
SELECT form, question, answer_id, sources, count(*) AS count, at AS recent, avg(answered), avg(confidence),
    sum(helpful), sum(unhelpful), max(key)
{_MEANT} GROUP BY form
"""
_PAGE: Final[dict[Order, str]] = {
    order: f"HAVING :by IS NULL OR ({order}, :form) < (:by, form) ORDER BY {order} DESC, form LIMIT :limit"
    for order in ("count", "recent")
}
_TALLY: Final = f"""
count(*), sum(answered), sum(question IS NULL), sum(helpful), sum(unhelpful) {_MEANT} GROUP BY 1 ORDER BY 1
"""


class LedgerInsight:
    """`InsightRecords` in a ledger."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    async def add(self, records: Sequence[AskedRecord], *, keep: int, since: str) -> None:
        """Keep these, and forget all but the `keep` last ones and those before `since`."""

        def work(connection: sqlite3.Connection) -> None:
            connection.executemany(_ADD, [_row(record) for record in records])
            connection.execute("DELETE FROM questions WHERE at < ?", (since,))
            connection.execute("DELETE FROM questions WHERE key <= (SELECT max(key) FROM questions) - ?", (keep,))

        await self._ledger.write(work)

    async def owner(self, answer_id: str) -> AnswerOwner | None:
        """Where an answer belongs."""

        def work(connection: sqlite3.Connection) -> AnswerOwner | None:
            found = connection.execute(
                "SELECT collection, tenant FROM questions WHERE answer_id = ?", (answer_id,)
            ).fetchone()
            return None if found is None else AnswerOwner(*found)

        return await self._ledger.read(work)

    async def put_feedback(self, feedback: Feedback) -> bool:
        """Keep what a key says of an answer; False when there is no such answer any more."""

        def work(connection: sqlite3.Connection) -> bool:
            asked = connection.execute("SELECT 1 FROM questions WHERE answer_id = ?", (feedback.answer_id,))
            if asked.fetchone() is None:
                return False
            connection.execute(
                "INSERT OR REPLACE INTO feedback VALUES (?, ?, ?, ?, ?, ?)",
                (
                    feedback.answer_id,
                    feedback.by,
                    feedback.rating,
                    feedback.comment,
                    feedback.expected_source,
                    feedback.at,
                ),
            )
            connection.execute(_COUNT_FEEDBACK, (feedback.answer_id,))
            return True

        return await self._ledger.write(work)

    async def questions(
        self, asking: Asking, *, order: Order, after: Place | None, limit: int
    ) -> Sequence[QuestionGroup]:
        """Groups of like questions, the largest or the latest first."""
        place = {"by": None, "form": ""} if after is None else {"by": after.by, "form": after.form}
        values = {**_values(asking), **place, "limit": limit}

        def work(connection: sqlite3.Connection) -> list[QuestionGroup]:
            return [_group(row) for row in connection.execute(_GROUPS + _PAGE[order], values)]

        return await self._ledger.read(work)

    async def summary(self, asking: Asking) -> Summary:
        """Counts by day and by method."""

        def work(connection: sqlite3.Connection) -> Summary:
            days, methods = (
                [Tally(*row) for row in connection.execute(f"SELECT {column}, {_TALLY}", _values(asking))]
                for column in ("substr(at, 1, 10)", "method")
            )
            return Summary(days, methods)

        return await self._ledger.read(work)

    async def delete_collection(self, collection: str) -> None:
        """Forget what was asked of a collection."""
        await self._ledger.write(
            lambda connection: connection.execute("DELETE FROM questions WHERE collection = ?", (collection,))
        )


def _values(asking: Asking) -> dict[str, object]:
    return {
        "collection": asking.collection,
        "since": asking.since,
        "tenant": asking.tenant,
        "answered": 0 if asking.unanswered else 1,
    }


def _group(row: sqlite3.Row) -> QuestionGroup:
    form, question, answer_id, sources, count, recent, answered, confidence, helpful, unhelpful, _ = row
    cited = tuple(json.loads(sources))
    return QuestionGroup(form, question, answer_id, cited, count, recent, answered, confidence, helpful, unhelpful)


def _row(record: AskedRecord) -> tuple[object, ...]:
    return (
        record.answer_id,
        record.collection,
        record.tenant,
        record.at,
        record.question,
        record.form,
        int(record.answered),
        record.method,
        record.confidence,
        json.dumps(record.sources),
        record.ms,
    )

"""The engine that runs jobs: order, progress, endings, and what a restart goes on with."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.fakes.jobs import KIND, Engine, Steps, engine
from tests.fakes.waiting import until
from tillhand_common.testing import FakeClock
from tillhand_rag.domain.jobs import Failure
from tillhand_rag.errors import EmbedderUnavailable, FolderNotAllowed, TooManyJobs
from tillhand_rag.service import jobs as engine_module
from tillhand_rag.service.job_progress import MOST_FAILURES


async def test_a_job_runs_to_its_end_and_is_kept_with_its_report(tmp_path: Path) -> None:
    async with engine(tmp_path) as opened:
        opened.handler.step(2)
        job = await opened.submit(2)
        assert job.state == "queued"
        ended = await opened.ended(job.id)
    assert (ended.state, ended.report, ended.progress, ended.attempts) == ("done", {"from": 0}, {"done": 2}, 1)
    assert ended.finished_at is not None
    async with engine(tmp_path) as again:
        assert await again.jobs.find(job.id) == ended
        assert again.handler.begun == []


async def test_jobs_of_one_kind_wait_for_one_another_in_their_order(tmp_path: Path) -> None:
    async with engine(tmp_path, at_a_time=2) as opened:
        ids = [(await opened.submit()).id for _ in range(4)]
        assert await opened.begun(2) == ids[:2]
        assert [await opened.state(name) for name in ids] == ["running", "running", "queued", "queued"]
        opened.handler.step(4)
        assert [(await opened.ended(name)).state for name in ids] == ["done"] * 4
        assert opened.handler.begun == ids


async def test_collections_take_turns_however_many_jobs_one_has_queued(tmp_path: Path) -> None:
    async with engine(tmp_path) as opened:
        many = [(await opened.submit(collection="many")).id for _ in range(3)]
        few = (await opened.submit(collection="few")).id
        whole = (await opened.submit(collection=None)).id
        opened.handler.step(5)
        order = await opened.begun(5)
    assert order == [many[0], few, whole, many[1], many[2]]


async def test_jobs_of_one_lane_never_run_together(tmp_path: Path) -> None:
    async with engine(tmp_path, at_a_time=3) as opened:
        first = await opened.submit(lane="a")
        second = await opened.submit(lane="a")
        other = await opened.submit(lane="b")
        assert await opened.begun(2) == [first.id, other.id]
        assert await opened.state(second.id) == "queued"
        opened.handler.step(3)
        assert (await opened.ended(second.id)).state == "done"


async def test_a_running_job_is_cancelled_at_once_and_says_so_to_its_handler(tmp_path: Path) -> None:
    async with engine(tmp_path) as opened:
        job = await opened.submit(5)
        opened.handler.step()
        await until(lambda: bool(opened.handler.progress) and opened.handler.progress[job.id].job.progress != {})
        cancelled = await opened.jobs.cancel(job.id)
        assert cancelled is not None
        assert (cancelled.state, cancelled.progress) == ("cancelled", {"done": 1})
        assert [each.id for each in opened.handler.settled_jobs] == [job.id]
        assert await opened.jobs.cancel(job.id) == cancelled
    async with engine(tmp_path) as again:
        assert await again.state(job.id) == "cancelled"


async def test_a_waiting_job_is_cancelled_without_ever_being_begun(tmp_path: Path) -> None:
    async with engine(tmp_path) as opened:
        running = await opened.submit()
        waiting = await opened.submit()
        cancelled = await opened.jobs.cancel(waiting.id)
        assert cancelled is not None
        assert cancelled.state == "cancelled"
        opened.handler.step()
        await opened.ended(running.id)
        assert opened.handler.begun == [running.id]
        assert {each.id for each in opened.handler.settled_jobs} == {waiting.id, running.id}
        assert await opened.jobs.cancel("job_unknown") is None


async def test_every_job_of_a_collection_is_cancelled_and_forgotten_with_it(tmp_path: Path) -> None:
    async with engine(tmp_path) as opened:
        gone = [(await opened.submit(collection="gone")).id for _ in range(2)]
        kept = await opened.submit(collection="kept")
        await opened.begun(1)
        await opened.jobs.forget_collection(KIND, "gone")
        assert {each.id for each in opened.handler.settled_jobs} == set(gone)
        assert [await opened.jobs.find(name) for name in gone] == [None, None]
        opened.handler.step()
        assert (await opened.ended(kept.id)).state == "done"


async def test_a_job_that_raises_a_problem_fails_with_its_words(tmp_path: Path) -> None:
    async with engine(tmp_path) as opened:
        opened.handler.raising.append(FolderNotAllowed("There is no such folder."))
        ended = await opened.ended((await opened.submit()).id)
    assert (ended.state, ended.error) == ("failed", Failure("", "folder-not-allowed", "There is no such folder."))


async def test_a_job_that_breaks_fails_without_telling_what_broke(tmp_path: Path) -> None:
    async with engine(tmp_path) as opened:
        opened.handler.raising.append(RuntimeError("secret"))
        ended = await opened.ended((await opened.submit()).id)
        assert ended.error is not None
        assert ended.error.reason == "internal-error"
        assert "secret" not in ended.error.detail
        opened.handler.step()
        assert (await opened.ended((await opened.submit()).id)).state == "done"


async def test_a_job_is_tried_again_while_something_that_it_needs_is_away(tmp_path: Path) -> None:
    clock = FakeClock()
    async with engine(tmp_path, clock=clock) as opened:
        opened.handler.raising = [EmbedderUnavailable("Away."), EmbedderUnavailable("Away.")]
        opened.handler.step()
        job = await opened.submit()
        await opened.begun(1)
        await clock.advance(engine_module.RETRIES_S[0])
        await opened.begun(2)
        await clock.advance(engine_module.RETRIES_S[1])
        assert (await opened.ended(job.id)).state == "done"


async def test_a_job_is_given_up_when_what_it_needs_stays_away(tmp_path: Path) -> None:
    clock = FakeClock()
    async with engine(tmp_path, clock=clock) as opened:
        opened.handler.raising = [EmbedderUnavailable("Away.") for _ in range(4)]
        job = await opened.submit()
        for attempt, pause_s in enumerate(engine_module.RETRIES_S, start=1):
            await opened.begun(attempt)
            await clock.advance(pause_s)
        ended = await opened.ended(job.id)
    assert ended.error is not None
    assert (ended.state, ended.error.reason) == ("failed", "embedder-unavailable")


async def test_failures_are_listed_up_to_a_limit_and_counted_beyond_it(tmp_path: Path) -> None:
    async with engine(tmp_path) as opened:
        job = await opened.submit()
        await opened.begun(1)
        for number in range(MOST_FAILURES + 5):
            opened.handler.progress[job.id].fail(Failure(f"{number}.md", "document-empty", "No text."))
        opened.handler.step()
        ended = await opened.ended(job.id)
    assert (len(ended.failures), ended.failures_total) == (MOST_FAILURES, MOST_FAILURES + 5)
    assert ended.failures[0] == Failure("0.md", "document-empty", "No text.")


async def test_a_collection_can_only_have_so_many_jobs_waiting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_module, "MOST_WAITING", 2)
    async with engine(tmp_path) as opened:
        for _ in range(2):
            await opened.submit(collection="busy")
            await opened.begun(1)
        await opened.submit(collection="busy")
        with pytest.raises(TooManyJobs):
            await opened.submit(collection="busy")
        await opened.submit(collection="other")


async def test_old_jobs_are_forgotten_by_age_and_by_number(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_module, "KEEP_JOBS", 2)
    clock = FakeClock()
    async with engine(tmp_path, clock=clock) as opened:
        opened.handler.step(10)
        quiet = (await opened.submit(collection="quiet")).id
        await opened.ended(quiet)
        busy = []
        for _ in range(3):
            busy.append((await opened.submit(collection="busy")).id)
            await opened.ended(busy[-1])
        await until(lambda: len(opened.handler.settled_jobs) == 4)
        assert await opened.jobs.find(busy[0]) is None
        assert await opened.state(quiet) == "done"
        await clock.advance(engine_module.KEEP_DAYS * 86_400 + 1)
        last = await opened.submit(collection="busy")
        await opened.ended(last.id)
        await _gone(opened, quiet)
        assert await opened.state(last.id) == "done"


async def _gone(opened: Engine, job_id: str) -> None:
    async with asyncio.timeout(10):
        while await opened.jobs.find(job_id) is not None:  # noqa: ASYNC110  # nothing tells of a job that was forgotten
            await asyncio.sleep(0)


async def test_a_stopped_engine_leaves_running_jobs_to_the_next_which_goes_on_where_they_were(tmp_path: Path) -> None:
    async with engine(tmp_path, at_a_time=2) as opened:
        running = await opened.submit(3)
        cancelled = await opened.submit(3)
        waiting = await opened.submit(1)
        opened.handler.step()
        await until(lambda: any(each.job.progress for each in opened.handler.progress.values()))
        await opened.jobs.cancel(cancelled.id)
    assert [each.id for each in opened.handler.settled_jobs] == [cancelled.id]
    handler = Steps()
    handler.step(5)
    async with engine(tmp_path, handler=handler) as again:
        ended = await again.ended(running.id)
        assert (ended.state, ended.attempts, ended.report) == ("done", 2, {"from": 1})
        assert (await again.ended(waiting.id)).state == "done"
        assert await again.state(cancelled.id) == "cancelled"
    assert handler.begun == [running.id, waiting.id]


async def test_a_job_that_was_being_cancelled_when_the_process_died_is_cancelled(tmp_path: Path) -> None:
    async with engine(tmp_path) as opened:
        job = await opened.submit(3)
        await opened.begun(1)
        await opened.ledger.cancel(job.id, FakeClock().now())
    async with engine(tmp_path) as again:
        assert await again.state(job.id) == "cancelled"
        assert [each.id for each in again.handler.settled_jobs] == [job.id]
        assert again.handler.begun == []


async def test_a_job_that_dies_again_and_again_without_getting_further_is_given_up(tmp_path: Path) -> None:
    now, most = FakeClock().now(), engine_module.MOST_FRUITLESS
    async with engine(tmp_path, at_a_time=0) as opened:
        job = await opened.submit()
        for _ in range(most - 1):
            await opened.ledger.claim(KIND, now)
            assert await opened.ledger.reopen([KIND], now, most_fruitless=most) == []
        await opened.ledger.claim(KIND, now)
    async with engine(tmp_path) as last:
        ended = await last.ended(job.id)
        assert ended.error is not None
        assert (ended.state, ended.error.reason, ended.attempts) == ("failed", "job-interrupted", most)
        assert ([each.id for each in last.handler.settled_jobs], last.handler.begun) == ([job.id], [])

"""The vector index in a process of its own: it serves, it ends with its parent, and its death harms nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.fakes.shelved import document, opened, vector
from tillhand_rag.store.vector_engine import EngineFailed, ProcessEngine

REPOSITORY = Path(__file__).resolve().parents[2]
ORPHANING = """
import os, sys
from pathlib import Path
from tillhand_rag.store.vector_engine import ProcessEngine

engine = ProcessEngine(Path(sys.argv[1]), "store")
engine.start()
engine.call("open")
print(engine.pid, flush=True)
os.kill(os.getpid(), 9)
"""


def is_alive(pid: int) -> bool:
    state = Path(f"/proc/{pid}/stat")
    return state.exists() and state.read_text().rsplit(")", 1)[1].split()[0] != "Z"


def test_calls_are_answered_by_another_process(tmp_path: Path) -> None:
    engine = ProcessEngine(tmp_path / "vectors", "store")
    engine.start()
    assert engine.pid not in {None, os.getpid()}
    assert engine.call("open") == {}
    engine.call("create", 1)
    engine.call("write", 1, np.array([7, 8]), np.eye(4, dtype=np.float32)[:2])
    engine.call("mark", 1, 5, False)
    assert engine.call("nearest", 1, np.eye(4, dtype=np.float32)[1], 1) == [(8, pytest.approx(1.0))]
    with pytest.raises(EngineFailed, match="KeyError"):
        engine.call("count", 2)
    assert engine.call("count", 1) == 2
    engine.stop()
    with pytest.raises(EngineFailed, match="not running"):
        engine.call("count", 1)
    engine.start()
    assert engine.call("open") == {1: (5, False)}
    engine.stop()


def test_it_ends_when_its_parent_is_killed_and_the_next_one_waits_for_that(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", ORPHANING, str(tmp_path / "vectors")],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL
    engine = ProcessEngine(tmp_path / "vectors", "store")
    engine.start()
    assert engine.call("open") == {}
    assert not is_alive(int(done.stdout))
    engine.stop()


async def test_a_store_whose_vector_process_dies_goes_on_and_fills_it_again(tmp_path: Path) -> None:
    async with opened(tmp_path, vectors_in="process", vectors_after_s=0.0) as store:
        await store.put("default", [document(f"d{number}", f"item {number} of many") for number in range(10)])
        await store.settled()
        assert (store.status().vector_index, store.status().vector_index_behind) == ("ready", 0)
        [child] = children()
        os.kill(child, signal.SIGKILL)
        await store.put("default", [document("new", "item that is new")])
        await store.settled()
        assert (store.status().vector_index, store.status().rebuilds) == ("ready", 1)
        assert len(await store.dense("default", vector("item"), where=(), limit=99)) == 11
    assert children() == []


async def test_the_process_rests_when_nothing_asks_it_and_comes_back_for_a_write(tmp_path: Path) -> None:
    async with opened(tmp_path, vectors_in="process") as store:
        await store.put("default", [document("a", "some text")])
        assert children() == [], "it begins later"
        await store.settled()
        assert len(children()) == 1
        await store.erase()
        assert children() == []
        await store.put("default", [document("b", "more text")])
        await store.settled()
        assert len(children()) == 1
        assert (store.status().vector_index, store.status().rebuilds) == ("ready", 0)


def children() -> list[int]:
    """Vector processes of this one."""
    return [
        int(task)
        for tasks in Path("/proc/self/task").glob("*/children")
        for task in tasks.read_text().split()
        if "chroma_index" in Path(f"/proc/{task}/cmdline").read_text() and is_alive(int(task))
    ]

"""The store against a dictionary: any sequence of writes, restarts and erasures leaves both with the same."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tests.fakes.embedder import fake_space
from tests.fakes.shelved import NEVER, NEVER_S, document, vector
from tillhand_rag.domain.documents import AttributeValue, IndexedDocument
from tillhand_rag.domain.filters import Condition, matches
from tillhand_rag.ports.store import Candidate
from tillhand_rag.store import StoreOptions, open_store

COLLECTIONS = st.sampled_from(["ours", "theirs"])
NAMES = st.sampled_from([f"d{number}" for number in range(6)])
WORDS = ["brake", "chain", "light", "return", "refund", "warranty", "AB-12/X"]
TEXTS = st.lists(st.sampled_from(WORDS), min_size=1, max_size=17).map(" ".join)
ATTRIBUTES = st.fixed_dictionaries({}, optional={"price": st.integers(0, 3), "brand": st.sampled_from(["a", "b"])})
DOCUMENTS = st.builds(
    lambda name, text, attributes: document(name, text, attributes=attributes), NAMES, TEXTS, ATTRIBUTES
)
FILTERS = st.lists(
    st.one_of(
        st.builds(Condition, st.just("price"), st.sampled_from(["lte", "gt", "ne"]), st.integers(0, 3)),
        st.builds(Condition, st.just("brand"), st.just("eq"), st.sampled_from(["a", "c"])),
        st.builds(Condition, st.just("brand"), st.just("exists"), st.booleans()),
        st.builds(Condition, st.just("document_id"), st.just("in"), st.tuples(NAMES, NAMES)),
    ),
    max_size=2,
)
EVERYTHING = 1_000


class StoreMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.runner = asyncio.Runner()
        self.model: dict[str, dict[str, IndexedDocument]] = {}

    def wait(self, work: Coroutine[Any, Any, Any]) -> Any:  # noqa: ANN401  # whatever the store answers
        return self.runner.run(work)

    @initialize()
    def open(self) -> None:
        options = StoreOptions(NEVER_S, NEVER, "thread", 0.0)
        self.store = self.wait(open_store(Path(self.folder.name), fake_space(), options=options))

    def teardown(self) -> None:
        self.wait(self.store.close())
        self.runner.close()
        self.folder.cleanup()

    @rule(collection=COLLECTIONS, documents=st.lists(DOCUMENTS, max_size=3), remove=st.lists(NAMES, max_size=2))
    def put(self, collection: str, documents: list[IndexedDocument], remove: list[str]) -> None:
        records = self.wait(self.store.put(collection, documents, remove=remove))
        assert [record.document_id for record in records] == [written.document_id for written in documents]
        if documents or collection in self.model:
            held = self.model.setdefault(collection, {})
            for name in set(remove) - {written.document_id for written in documents}:
                held.pop(name, None)
            held.update({written.document_id: written for written in documents})

    @rule(collection=COLLECTIONS, name=NAMES)
    def delete(self, collection: str, name: str) -> None:
        existed = self.model.get(collection, {}).pop(name, None) is not None
        assert self.wait(self.store.delete(collection, name)) == existed

    @rule(collection=COLLECTIONS)
    def delete_collection(self, collection: str) -> None:
        assert self.wait(self.store.delete_collection(collection)) == (self.model.pop(collection, None) is not None)

    @rule()
    def erase(self) -> None:
        self.wait(self.store.erase())

    @rule()
    def restart(self) -> None:
        self.wait(self.store.close())
        self.open()
        assert self.store.status().rebuilds == 0

    @rule(collection=COLLECTIONS, query=TEXTS, where=FILTERS, limit=st.sampled_from([1, 3, EVERYTHING]))
    def search(self, collection: str, query: str, where: list[Condition], limit: int) -> None:
        passing = {name: held for name, held in self.model.get(collection, {}).items() if matches(where, fields(held))}
        near = self.wait(self.store.dense(collection, vector(query), where=where, limit=limit))
        assert len(near) == min(limit, sum(len(held.chunks) for held in passing.values()))
        assert self.owners(collection, near) <= passing.keys()
        worded = self.wait(self.store.keyword(collection, query, where=where, limit=limit))
        expected = {name for name, held in passing.items() if set(query.split()) & set(held.parsed.text.split())}
        if limit == EVERYTHING:
            assert self.owners(collection, worded) == expected
        assert bool(worded) == bool(expected)

    @invariant()
    def every_view_agrees(self) -> None:
        stats = {each.name: each for each in self.wait(self.store.collections())}
        assert stats.keys() == self.model.keys()
        for name, held in self.model.items():
            assert (stats[name].documents, stats[name].chunks) == (len(held), sum(len(d.chunks) for d in held.values()))
            records = self.wait(self.store.list(name, after=None, limit=EVERYTHING))
            assert {r.document_id: r.version for r in records} == {key: d.parsed.version for key, d in held.items()}

    def owners(self, collection: str, candidates: list[Candidate]) -> set[str]:
        """The documents of candidates; each is a whole chunk of the version that the model holds."""
        chunks = self.wait(self.store.chunks(collection, [candidate.chunk_id for candidate in candidates]))
        assert len(chunks) == len(candidates)
        for chunk in chunks:
            assert self.model[collection][chunk.document_id].parsed.text[chunk.start : chunk.end] == chunk.text
        return {chunk.document_id for chunk in chunks}


def fields(held: IndexedDocument) -> dict[str, AttributeValue]:
    return {**held.parsed.attributes, "document_id": held.document_id}


TestStoreMachine = StoreMachine.TestCase
TestStoreMachine.settings = settings(
    max_examples=8, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck)
)

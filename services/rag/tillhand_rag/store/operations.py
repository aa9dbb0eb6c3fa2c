"""What can be written, each as one operation that happens as a whole or not at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tillhand_rag.domain.documents import IndexedDocument
from tillhand_rag.ports.store import Dates, DocumentRecord
from tillhand_rag.store.truth import Truth
from tillhand_rag.store.writer import Operation, Unit

__all__ = ["Operation", "delete", "delete_collection", "put"]


def put(
    name: str, documents: Sequence[IndexedDocument], remove: Sequence[str], now: str, dates: Mapping[str, Dates]
) -> Operation:
    """Remove documents and write others; the result is a `DocumentRecord` for each one written."""

    def run(truth: Truth) -> Unit:
        records: list[DocumentRecord] = []
        unit = Unit(records)
        collection = truth.collection(name)
        if collection is None:
            if not documents:
                return unit
            collection = truth.create_collection(name)
            unit.opened[name] = collection
        kept = {document.document_id for document in documents}
        gone = [truth.remove(collection, document_id) for document_id in remove if document_id not in kept]
        unit.changes += [change for change in gone if change is not None]
        for document in documents:
            record, change = truth.put(collection, name, document, dates.get(document.document_id, Dates(now, now)))
            records.append(record)
            unit.changes.append(change)
        return unit

    return run


def delete(name: str, document_id: str) -> Operation:
    """Remove a document; the result is whether there was one."""

    def run(truth: Truth) -> Unit:
        collection = truth.collection(name)
        change = None if collection is None else truth.remove(collection, document_id)
        return Unit(change is not None, [] if change is None else [change])

    return run


def delete_collection(name: str) -> Operation:
    """Remove a collection; the result is whether there was one."""

    def run(truth: Truth) -> Unit:
        collection = truth.collection(name)
        if collection is None:
            return Unit(result=False)
        truth.drop_collection(collection)
        return Unit(result=True, dropped={name: collection})

    return run

"""The knowledge base's errors.

Problem
├── DocumentProblem              a file that cannot become a document
│   ├── EmptyDocument            422  no text in it
│   ├── UnreadableDocument       422  damaged, or not what its name says
│   ├── EncryptedDocument        422  wants a password
│   ├── MislabelledDocument      422  the content is of another format than name or media type claim
│   ├── DuplicateRecord          422  two records of one file or request carry the same name
│   ├── OversizedDocument        413  larger than a document may be
│   └── UnsupportedDocument      415  a format that is not read here
├── DocumentNotFound             404
├── CollectionNotFound           404
├── InvalidSpan                  422  start and end do not lie in the text
├── InvalidFilter                422  an attribute or a comparison that makes no sense
├── InvalidCursor                422
├── JobNotFound                  404  no such job, or none that the key may see
├── TooManyJobs                  429  too many of a collection wait already
├── SourceNotFound               404  no such source of the collection
├── TooManySources               409  a collection has as many as it may
├── FolderNotAllowed             422  a folder outside the allowed ones, or one that is not there
├── SourceUnavailable            503  a source cannot be listed; in a job, never an HTTP answer
├── CorrectionNotFound           404
├── CorrectionChanged            412  it has another version than the request expects
├── TooManyCorrections           409  the collection holds as many as it may
├── InvalidPattern               422  a pattern that is none, or would match nearly everything
├── UnverifiedSource             422  a correction's source that is not there, or does not say so
├── AnswerNotFound               404  no such answer, or none that the key may see
├── EmbedderUnavailable          503  the model cannot answer
├── ChatUnavailable              503  the language model cannot answer
└── StoreUnavailable             503  the store cannot answer
StoreInUse                       at start: another process owns the data directory (not an HTTP answer)
EmbeddingSpaceChanged            at start: the data belongs to another model (not an HTTP answer)
StoreDamaged                     at start: the data cannot be read (not an HTTP answer)
"""

from __future__ import annotations

from tillhand_common.lifecycle import StartupError
from tillhand_common.problems import Problem


class DocumentProblem(Problem):
    """A file that cannot become a document; nothing of it is stored."""

    status = 422
    slug = "document-problem"
    title = "The document cannot be read"


class EmptyDocument(DocumentProblem):
    """The file holds no text."""

    slug = "document-empty"
    title = "The document has no text"


class UnreadableDocument(DocumentProblem):
    """The file is damaged, or no file of its kind at all."""

    slug = "document-unreadable"
    title = "The document is damaged"


class EncryptedDocument(DocumentProblem):
    """The file wants a password."""

    slug = "document-encrypted"
    title = "The document is encrypted"


class MislabelledDocument(DocumentProblem):
    """The content is of another format than its name or media type claims."""

    slug = "document-mislabelled"
    title = "The document is not what it claims to be"


class DuplicateRecord(DocumentProblem):
    """Two records of one file, or two documents of one request, carry the same name."""

    slug = "duplicate-record"
    title = "Two records carry the same name"


class OversizedDocument(DocumentProblem):
    """The file, or the text in it, is larger than a document may be."""

    status = 413
    slug = "document-oversized"
    title = "The document is too large"


class UnsupportedDocument(DocumentProblem):
    """A format that the knowledge base does not read."""

    status = 415
    slug = "document-unsupported"
    title = "The document's format is not supported"


class DocumentNotFound(Problem):
    """No such document in this collection."""

    status = 404
    slug = "document-not-found"
    title = "Document not found"


class CollectionNotFound(Problem):
    """No such collection, or none that the key may see."""

    status = 404
    slug = "collection-not-found"
    title = "Collection not found"


class InvalidSpan(Problem):
    """Start and end do not lie in the stored text."""

    status = 422
    slug = "invalid-span"
    title = "The span is not inside the document"


class InvalidFilter(Problem):
    """A comparison that makes no sense."""

    status = 422
    slug = "invalid-filter"
    title = "The filter is not valid"


class InvalidCursor(Problem):
    """A cursor that no list has given out."""

    status = 422
    slug = "invalid-cursor"
    title = "The cursor is not valid"


class IndexNotFound(Problem):
    """No such index."""

    status = 404
    slug = "index-not-found"
    title = "Index not found"


class RebuildUnderWay(Problem):
    """One index is rebuilt at a time."""

    status = 409
    slug = "rebuild-under-way"
    title = "An index is being rebuilt"


class NothingToRollBack(Problem):
    """The index has no earlier generation."""

    status = 409
    slug = "nothing-to-roll-back"
    title = "There is no earlier generation"


class GoldensFailed(Problem):
    """A new index does worse on the golden questions than the live one, which goes on serving."""

    status = 409
    slug = "goldens-failed"
    title = "The golden questions failed"


class JobNotFound(Problem):
    """No such job, or none that the key may see."""

    status = 404
    slug = "job-not-found"
    title = "Job not found"


class TooManyJobs(Problem):
    """Too many jobs of the collection wait already."""

    status = 429
    slug = "too-many-jobs"
    title = "Too many jobs are waiting"


class SourceNotFound(Problem):
    """No such source of the collection."""

    status = 404
    slug = "source-not-found"
    title = "Source not found"


class TooManySources(Problem):
    """The collection has as many sources as it may."""

    status = 409
    slug = "too-many-sources"
    title = "The collection has too many sources"


class FolderNotAllowed(Problem):
    """The folder does not lie below one that the server allows, or there is none."""

    status = 422
    slug = "folder-not-allowed"
    title = "The folder cannot be read from"


class SourceUnavailable(Problem):
    """What a job should read cannot be listed; told of in the job."""

    status = 503
    slug = "source-unavailable"
    title = "The source cannot be listed"


class CorrectionNotFound(Problem):
    """No such correction in this collection."""

    status = 404
    slug = "correction-not-found"
    title = "Correction not found"


class CorrectionChanged(Problem):
    """The correction has another version than the request expects; nothing was changed."""

    status = 412
    slug = "correction-changed"
    title = "The correction has another version"


class TooManyCorrections(Problem):
    """The collection holds as many corrections as it may."""

    status = 409
    slug = "too-many-corrections"
    title = "The collection has too many corrections"


class InvalidPattern(Problem):
    """A pattern that is none, or would match nearly everything."""

    status = 422
    slug = "invalid-pattern"
    title = "The pattern is not valid"


class UnverifiedSource(Problem):
    """A correction's source that is not in the collection, or does not say what is quoted."""

    status = 422
    slug = "source-not-verified"
    title = "The source does not bear the correction out"


class AnswerNotFound(Problem):
    """No such answer, or none that the key may see."""

    status = 404
    slug = "answer-not-found"
    title = "Answer not found"


class EmbedderUnavailable(Problem):
    """The embedding model cannot answer."""

    status = 503
    slug = "embedder-unavailable"
    title = "The embedding model is unavailable"


class ChatUnavailable(Problem):
    """The language model cannot answer."""

    status = 503
    slug = "chat-unavailable"
    title = "The language model is unavailable"


class StoreUnavailable(Problem):
    """The store cannot answer."""

    status = 503
    slug = "store-unavailable"
    title = "The store is unavailable"


class StoreInUse(StartupError):
    """Another process owns the data directory; the message says which."""


class EmbeddingSpaceChanged(StartupError):
    """The stored vectors belong to another embedding space; the message says how to go on."""


class StoreDamaged(StartupError):
    """The store's file cannot be read; the message says what was found and how to go on."""

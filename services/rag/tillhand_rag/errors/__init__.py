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
├── IndexNotFound                404
├── RebuildUnderWay              409  one index is rebuilt at a time
├── NothingToRollBack            409  the index has no earlier generation
├── GoldensFailed                409  a new index does worse on the golden questions
├── IndexUnusable                409  its model is missing, or its folder cannot be opened
├── BackupNotFound               404
├── ArchiveRefused               422  a backup that is damaged, or none of ours
├── NoGoldens                    404  the collection has no golden questions
├── InvalidTestCollection        422  a folder that is none, or damaged
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

from tillhand_rag.errors.documents import (
    CollectionNotFound,
    DocumentNotFound,
    DocumentProblem,
    DuplicateRecord,
    EmptyDocument,
    EncryptedDocument,
    InvalidSpan,
    MislabelledDocument,
    OversizedDocument,
    UnreadableDocument,
    UnsupportedDocument,
)
from tillhand_rag.errors.guidance import (
    AnswerNotFound,
    CorrectionChanged,
    CorrectionNotFound,
    InvalidPattern,
    TooManyCorrections,
    UnverifiedSource,
)
from tillhand_rag.errors.indexes import (
    ArchiveRefused,
    BackupNotFound,
    EmbeddingSpaceChanged,
    GoldensFailed,
    IndexNotFound,
    IndexUnusable,
    NothingToRollBack,
    RebuildUnderWay,
    StoreDamaged,
    StoreInUse,
)
from tillhand_rag.errors.questions import (
    ChatFailure,
    ChatUnavailable,
    EmbedderUnavailable,
    InvalidCursor,
    InvalidFilter,
    StoreUnavailable,
)
from tillhand_rag.errors.work import (
    FolderNotAllowed,
    InvalidTestCollection,
    JobNotFound,
    NoGoldens,
    SourceNotFound,
    SourceUnavailable,
    TooManyJobs,
    TooManySources,
)

__all__ = [
    "AnswerNotFound",
    "ArchiveRefused",
    "BackupNotFound",
    "ChatFailure",
    "ChatUnavailable",
    "CollectionNotFound",
    "CorrectionChanged",
    "CorrectionNotFound",
    "DocumentNotFound",
    "DocumentProblem",
    "DuplicateRecord",
    "EmbedderUnavailable",
    "EmbeddingSpaceChanged",
    "EmptyDocument",
    "EncryptedDocument",
    "FolderNotAllowed",
    "GoldensFailed",
    "IndexNotFound",
    "IndexUnusable",
    "InvalidCursor",
    "InvalidFilter",
    "InvalidPattern",
    "InvalidSpan",
    "InvalidTestCollection",
    "JobNotFound",
    "MislabelledDocument",
    "NoGoldens",
    "NothingToRollBack",
    "OversizedDocument",
    "RebuildUnderWay",
    "SourceNotFound",
    "SourceUnavailable",
    "StoreDamaged",
    "StoreInUse",
    "StoreUnavailable",
    "TooManyCorrections",
    "TooManyJobs",
    "TooManySources",
    "UnreadableDocument",
    "UnsupportedDocument",
    "UnverifiedSource",
]

"""Files that cannot become documents, and documents that are not there."""

from __future__ import annotations

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

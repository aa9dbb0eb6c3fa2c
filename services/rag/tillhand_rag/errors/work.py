"""Jobs, sources, and what they read."""

from __future__ import annotations

from tillhand_common.problems import Problem


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


class NoGoldens(Problem):
    """The collection has no golden questions."""

    status = 404
    slug = "no-goldens"
    title = "There are no golden questions"


class InvalidTestCollection(Problem):
    """A folder that holds no test collection, or a damaged one."""

    status = 422
    slug = "invalid-test-collection"
    title = "The test collection cannot be read"

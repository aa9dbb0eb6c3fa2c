"""What concerns the whole installation, as jobs: rebuilds, ways back, backups and restores."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Final, Literal, get_args

from tillhand_common.clock import Clock
from tillhand_rag.errors import BackupNotFound
from tillhand_rag.ports.jobs import Job, JsonObject, NewJob, Place
from tillhand_rag.service.backups import Backups, new_name
from tillhand_rag.service.job_kinds import Kind
from tillhand_rag.service.job_progress import Progress
from tillhand_rag.service.jobs import Jobs
from tillhand_rag.service.rebuilding import Rebuilding
from tillhand_rag.service.restoring import Restoring

KindName = Literal["rebuild", "rollback", "backup", "restore"]
KINDS: Final[tuple[KindName, ...]] = get_args(KindName)
PREFIXES: Final = {"rebuild": "reb", "rollback": "rol", "backup": "bak", "restore": "res"}
LANE: Final = "installation"
"""One of a kind at a time; that no rebuild meets a restore is held by the indexes themselves."""

_BACKUP_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")


class Operations:
    """Starts operations and finds them again. Register `kinds` with the engine before it starts."""

    def __init__(
        self, *, jobs: Jobs, rebuilding: Rebuilding, backups: Backups, restoring: Restoring, clock: Clock
    ) -> None:
        self.jobs = jobs
        self.backups = backups
        self.rebuilding = rebuilding
        self._restoring = restoring
        self._clock = clock

    def kinds(self) -> list[Kind]:
        """The kinds of jobs that operations are."""
        return [Kind(name, _Handler(self, name), prefix=PREFIXES[name]) for name in KINDS]

    async def rebuild(self, asked_by: str, tenant: str, index: str, *, force: bool) -> Job:
        """Queue a rebuild. Raises `IndexNotFound`, `TooManyJobs`, `StoreUnavailable`."""
        self.rebuilding.placement(index)
        return await self._submit("rebuild", asked_by, tenant, {"index": index, "force": force})

    async def rollback(self, asked_by: str, tenant: str, index: str) -> Job:
        """Queue a way back. Raises `IndexNotFound`, `NothingToRollBack`, and as `rebuild` does."""
        self.rebuilding.previous(index)
        return await self._submit("rollback", asked_by, tenant, {"index": index})

    async def backup(self, asked_by: str, tenant: str) -> Job:
        """Queue a backup; its name is in the job's request. Raises as `rebuild` does."""
        return await self._submit("backup", asked_by, tenant, {"backup": new_name(self._clock.now())})

    async def restore(self, asked_by: str, tenant: str, backup: str) -> Job:
        """Queue a restore. Raises `BackupNotFound`, `ArchiveRefused`, and as `rebuild` does."""
        if not _BACKUP_NAME.fullmatch(backup):
            raise BackupNotFound("There is no such backup.", field="backup")
        await self.backups.verify(backup)
        return await self._submit("restore", asked_by, tenant, {"backup": backup})

    async def find(self, job_id: str) -> Job | None:
        """An operation as it is now."""
        job = await self.jobs.find(job_id)
        return job if job is not None and job.kind in KINDS else None

    async def page(self, kind: KindName, *, after: Place | None, limit: int) -> Sequence[Job]:
        """Operations of a kind, the newest first."""
        return await self.jobs.page(kind, collections=None, after=after, limit=limit)

    async def run(self, job: Job, progress: Callable[[str, int, int], None]) -> JsonObject:
        """Do what a job asks for; its report."""
        wanted = job.request
        if job.kind == "rebuild":
            force = bool(wanted["force"])
            return asdict(await self.rebuilding.rebuild(str(wanted["index"]), force=force, progress=progress))
        if job.kind == "rollback":
            return asdict(await self.rebuilding.rollback(str(wanted["index"]), progress=progress))
        if job.kind == "backup":
            return (await self.backups.create(str(wanted["backup"]), progress=progress)).as_json()
        restored = await self._restoring.restore(str(wanted["backup"]), progress=progress)
        return {**asdict(restored), "verified": restored.verified}

    async def _submit(self, kind: KindName, asked_by: str, tenant: str, request: JsonObject) -> Job:
        return await self.jobs.submit(NewJob(kind, None, tenant, asked_by, request, lane=LANE))


class _Handler:
    """Runs one kind of operation. None keeps anything for a job that is interrupted: it begins anew."""

    def __init__(self, operations: Operations, kind: KindName) -> None:
        self._operations = operations
        self._kind = kind

    async def run(self, job: Job, progress: Progress) -> JsonObject:
        """Do it, telling of each step."""

        def tell(phase: str, done: int, total: int) -> None:
            progress.tell({"phase": phase, "done": done, "total": total})

        return await self._operations.run(job, tell)

    async def settled(self, job: Job) -> None:
        """There is nothing to let go of."""

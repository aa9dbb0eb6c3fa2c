"""Backups: made, listed, verified and restored."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Response, status

from tillhand_common.problems import BodyTooLarge, responses
from tillhand_common.security import Principal
from tillhand_rag.errors import ArchiveRefused, BackupNotFound, StoreUnavailable, TooManyJobs
from tillhand_rag.models.operations import Backup, BackupList, BackupToRestore, Operation
from tillhand_rag.routes.dependencies import recorded_as
from tillhand_rag.routes.operation_shapes import accepted, backup_out, installation_admin, operations
from tillhand_rag.service.operations import Operations

router = APIRouter(prefix="/v1", tags=["backups"], dependencies=[Depends(installation_admin)])

Admin = Annotated[Principal, Depends(installation_admin)]
TheOperations = Annotated[Operations, Depends(operations)]
BackupName = Annotated[str, Path(min_length=1, max_length=128)]


@router.post(
    "/backups",
    status_code=status.HTTP_202_ACCEPTED,
    response_model=Operation,
    responses=responses(BodyTooLarge, TooManyJobs, StoreUnavailable),
)
async def start_backup(principal: Admin, operations: TheOperations) -> Response:
    """Copy everything, consistently and while the service serves, into one archive."""
    return accepted(await operations.backup(recorded_as(principal), principal.tenant))


@router.get("/backups")
async def list_backups(operations: TheOperations) -> BackupList:
    """Every backup in the service's folder, the newest first."""
    return BackupList(items=[backup_out(manifest) for manifest in await operations.backups.every()])


@router.get("/backups/{backup}", responses=responses(BackupNotFound))
async def get_backup(backup: BackupName, operations: TheOperations) -> Backup:
    """The manifest of a backup: its files with their SHA-256, counts, models and golden results."""
    for manifest in await operations.backups.every():
        if manifest.id == backup:
            return backup_out(manifest)
    raise BackupNotFound("There is no such backup.", field="backup")


@router.get("/backups/{backup}/verification", responses=responses(BackupNotFound, ArchiveRefused))
async def verify_backup(backup: BackupName, operations: TheOperations) -> Backup:
    """Read and hash every byte of a backup; its manifest when it is whole."""
    return backup_out(await operations.backups.verify(backup))


@router.post(
    "/restores",
    status_code=status.HTTP_202_ACCEPTED,
    response_model=Operation,
    responses=responses(BackupNotFound, ArchiveRefused, TooManyJobs, StoreUnavailable),
)
async def start_restore(body: BackupToRestore, principal: Admin, operations: TheOperations) -> Response:
    """Put a backup in place of everything; what is there now is backed up before."""
    return accepted(await operations.restore(recorded_as(principal), principal.tenant, body.backup))

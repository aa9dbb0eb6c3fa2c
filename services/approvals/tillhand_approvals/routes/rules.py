"""Tools, policies, the kill switch, roles and delegations."""

from __future__ import annotations

import re
from typing import Annotated, Any

from fastapi import APIRouter, Body, Header, status

from tillhand_approvals import errors
from tillhand_approvals.domain.actors import Delegation
from tillhand_approvals.domain.tools import Tool
from tillhand_approvals.models.base import Id, Name, RoleName
from tillhand_approvals.models.policies import PolicyTrialOut, trial_out
from tillhand_approvals.models.rules import (
    DelegationList,
    DelegationOut,
    DelegationRequest,
    PoliciesList,
    PoliciesOut,
    RoleRequest,
    RolesOut,
    SwitchOut,
    SwitchRequest,
    ToolIn,
    ToolList,
    ToolOut,
    ToolsRequest,
)
from tillhand_approvals.routes.dependencies import (
    Anybody,
    Deciding,
    Executing,
    Joined,
    Person,
    Reading,
    Ruling,
)
from tillhand_approvals.service.ruling import InForce
from tillhand_approvals.service.tooling import Registered
from tillhand_common.problems import BadRequest, responses

router = APIRouter(prefix="/v1", tags=["rules"])

Document = Annotated[
    dict[str, Any],
    Body(description="A document of policies: `rules`, and the `default` for what writes. See docs/policies.md."),
]
_VERSION = re.compile(r'(?<!W/)"(\d{1,9})"')


@router.put(
    "/executors/{executor}/tools",
    responses=responses(errors.InvalidTool, errors.ToolTaken, errors.UncanonicalJson, errors.StoreUnavailable),
    dependencies=[Executing],
)
async def register_tools(executor: Name, body: ToolsRequest, caller: Anybody, joined: Joined) -> ToolList:
    """Register all tools of an executor. Either all are taken, or none."""
    tools = [_tool(each) for each in body.tools]
    return ToolList(items=[_tool_out(each) for each in await joined.tooling.register(caller, executor, tools)])


@router.get("/tools", responses=responses(errors.StoreUnavailable), dependencies=[Reading])
async def list_tools(caller: Anybody, joined: Joined) -> ToolList:
    """Every tool that can be proposed."""
    return ToolList(items=[_tool_out(each) for each in await joined.tooling.tools(caller)])


@router.get("/policies", responses=responses(errors.StoreUnavailable), dependencies=[Reading])
async def get_policies(caller: Anybody, joined: Joined) -> PoliciesOut:
    """The policies in force."""
    return _policies_out(await joined.ruling.policies(caller))


@router.get("/policies/versions", responses=responses(errors.StoreUnavailable), dependencies=[Reading])
async def list_policies(caller: Anybody, joined: Joined) -> PoliciesList:
    """Every version that people have written."""
    return PoliciesList(items=[_policies_out(each) for each in await joined.ruling.versions(caller)])


@router.put(
    "/policies",
    responses=responses(
        BadRequest, errors.InvalidPolicies, errors.PoliciesChanged, errors.UncanonicalJson, errors.StoreUnavailable
    ),
    dependencies=[Ruling],
)
async def put_policies(
    body: Document,
    caller: Person,
    joined: Joined,
    if_match: Annotated[str | None, Header(description='The version that is to be replaced, such as "3".')] = None,
) -> PoliciesOut:
    """Put policies in force for what is proposed, or edited, from now on."""
    return _policies_out(await joined.ruling.write(caller, body, _expected(if_match)))


@router.post(
    "/policies/dry-run",
    responses=responses(errors.InvalidPolicies, errors.UncanonicalJson, errors.StoreUnavailable),
    dependencies=[Ruling],
)
async def try_policies(body: Document, caller: Person, joined: Joined) -> PolicyTrialOut:
    """What these policies would have said of the newest proposals. Nothing changes; that it was asked is recorded."""
    found = await joined.ruling.try_out(caller, body)
    return trial_out(found.trial, found.skipped)


@router.get("/switch", responses=responses(errors.StoreUnavailable), dependencies=[Reading])
async def get_switch(caller: Anybody, joined: Joined) -> SwitchOut:
    """Whether execution is stopped."""
    return SwitchOut.model_validate(await joined.ruling.switch(caller))


@router.put("/switch", responses=responses(errors.StoreUnavailable), dependencies=[Deciding])
async def turn_switch(body: SwitchRequest, caller: Person, joined: Joined) -> SwitchOut:
    """Stop all execution at once, or let it go on: no lease is given while it stands."""
    return SwitchOut.model_validate(await joined.ruling.turn(caller, stopped=body.stopped, note=body.note))


@router.get("/roles", responses=responses(errors.StoreUnavailable), dependencies=[Reading])
async def get_roles(caller: Anybody, joined: Joined) -> RolesOut:
    """Who has which role."""
    return RolesOut(roles={role: sorted(members) for role, members in (await joined.ruling.roles(caller)).items()})


@router.put(
    "/roles/{role}",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=responses(errors.NotEligible, errors.StoreUnavailable),
    dependencies=[Ruling],
)
async def put_role(role: RoleName, body: RoleRequest, caller: Person, joined: Joined) -> None:
    """Name the members of a role."""
    await joined.ruling.put_role(caller, role, body.members)


@router.get("/delegations", responses=responses(errors.StoreUnavailable), dependencies=[Reading])
async def list_delegations(caller: Anybody, joined: Joined) -> DelegationList:
    """Who decides in whose place."""
    return DelegationList(items=[_delegation_out(each) for each in await joined.ruling.delegations(caller)])


@router.post(
    "/delegations",
    status_code=status.HTTP_201_CREATED,
    responses=responses(errors.NotEligible, errors.InvalidPeriod, errors.StoreUnavailable),
    dependencies=[Deciding],
)
async def delegate(body: DelegationRequest, caller: Person, joined: Joined) -> DelegationOut:
    """Let somebody decide in the caller's place for a time, in roles that the caller has."""
    made = await joined.ruling.delegate(caller, body.taker, frozenset(body.roles), body.begins_at, body.ends_at)
    return _delegation_out(made)


@router.delete(
    "/delegations/{delegation_id}",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=responses(errors.DelegationNotFound, errors.StoreUnavailable),
    dependencies=[Deciding],
)
async def revoke(delegation_id: Id, caller: Person, joined: Joined) -> None:
    """End a delegation now."""
    await joined.ruling.revoke(caller, delegation_id)


def _expected(if_match: str | None) -> int | None:
    if if_match is None:
        return None
    found = _VERSION.fullmatch(if_match.strip())
    if found is None:
        raise BadRequest('If-Match must be one version, such as "3".', field="header.If-Match")
    return int(found[1])


def _tool(given: ToolIn) -> Tool:
    subject = tuple(given.subject) if isinstance(given.subject, list) else given.subject
    return Tool(schema=given.schema_, subject=subject, **given.model_dump(exclude={"schema_", "subject"}))


def _tool_out(registered: Registered) -> ToolOut:
    tool = registered.tool
    return ToolOut(
        name=tool.name,
        version=tool.version,
        schema=dict(tool.schema),
        risk=tool.risk,
        writes=tool.writes,
        title=tool.title,
        description=tool.description,
        subject=list(tool.subject) if isinstance(tool.subject, tuple) else tool.subject,
        amount=tool.amount,
        currency=tool.currency,
        cost_of_error=tool.cost_of_error,
        executor=registered.executor,
        registered_at=registered.kept.time,
    )


def _policies_out(found: InForce) -> PoliciesOut:
    return PoliciesOut(version=found.version, author=found.author, created_at=found.time, policies=dict(found.body))


def _delegation_out(found: Delegation) -> DelegationOut:
    return DelegationOut(
        id=found.id,
        giver=found.giver,
        taker=found.taker,
        roles=sorted(found.roles),
        begins_at=found.begins_at,
        ends_at=found.ends_at,
        revoked_at=found.revoked_at,
    )

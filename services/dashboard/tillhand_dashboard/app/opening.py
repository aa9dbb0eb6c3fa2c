"""Opens what the console stands on, and closes it at the end."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from zoneinfo import ZoneInfo

import structlog

from tillhand_common import private_files
from tillhand_common.clock import Clock
from tillhand_common.health import OK, Check, CheckResult
from tillhand_common.http import UpstreamMetrics
from tillhand_common.keys import KeyStore, store_path
from tillhand_common.settings import describe
from tillhand_dashboard.adapters.analytics import HttpAnalytics
from tillhand_dashboard.adapters.approvals import HttpApprovals
from tillhand_dashboard.adapters.connectors import HttpConnectors
from tillhand_dashboard.adapters.gateway import Credentials, Gateway
from tillhand_dashboard.adapters.keys import StoredKeys
from tillhand_dashboard.adapters.knowledge import HttpKnowledge
from tillhand_dashboard.adapters.memory import keep_giving_back
from tillhand_dashboard.adapters.openid import Client, OpenIdProvider
from tillhand_dashboard.adapters.passwords import Argon2Passwords
from tillhand_dashboard.adapters.probes import HttpProbes
from tillhand_dashboard.adapters.proving import FileEvidence
from tillhand_dashboard.adapters.sign_ins import ApprovalsSignIns
from tillhand_dashboard.app.acting import credentials, proposing
from tillhand_dashboard.domain.accounts import Granted
from tillhand_dashboard.routes.assets import Assets
from tillhand_dashboard.routes.cookies import Cookies
from tillhand_dashboard.routes.dependencies import Console
from tillhand_dashboard.routes.pages import Pages
from tillhand_dashboard.service.accounts import Accounts
from tillhand_dashboard.service.administering import Administering
from tillhand_dashboard.service.board import Boards
from tillhand_dashboard.service.figures import Figures
from tillhand_dashboard.service.relay import Relay
from tillhand_dashboard.service.sessions import Sessions
from tillhand_dashboard.service.signing_in import SigningIn
from tillhand_dashboard.service.trials import Trials
from tillhand_dashboard.settings import DashboardSettings
from tillhand_dashboard.store.accounts import SqliteAccounts
from tillhand_dashboard.store.database import Database
from tillhand_dashboard.store.outbox import SqliteOutbox
from tillhand_dashboard.store.sessions import SqliteSessions

UPSTREAMS: Final = ("approvals", "mcp", "analytics", "rag")
_log: Final = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Opened:
    """The running console, what its readiness depends on, and what goes on beside requests."""

    console: Console
    checks: tuple[Check, ...]
    work: Mapping[str, Callable[[], Awaitable[None]]]


@dataclass(frozen=True, slots=True)
class _Others:
    """The other services, as the console asks them."""

    approvals: Gateway
    mcp: Gateway
    analytics: Gateway
    rag: Gateway
    proposing: Gateway | None


@asynccontextmanager
async def open_console(settings: DashboardSettings, clock: Clock, metrics: UpstreamMetrics) -> AsyncIterator[Opened]:
    """The console without HTTP around it."""
    async with AsyncExitStack() as stack:
        database = Database(settings.accounts_file)
        stack.push_async_callback(database.aclose)
        await database.run(lambda _: None)  # a file that it cannot work on keeps it from starting
        accounts, kept = SqliteAccounts(database), SqliteSessions(database)
        managing = Accounts(accounts, kept, clock)
        keys, second = credentials(settings), proposing(settings)
        others = _others(settings, metrics, keys, second)
        gateways = (others.approvals, others.mcp, others.analytics, others.rag, others.proposing)
        for gateway in filter(None, gateways):
            stack.push_async_callback(gateway.aclose)
        probes = HttpProbes(_addresses(settings))
        stack.push_async_callback(probes.aclose)
        provider = _provider(settings)
        if provider is not None:
            stack.push_async_callback(provider.aclose)

        longest = timedelta(hours=settings.dashboard_session_hours)
        sessions = Sessions(
            kept, clock, idle=timedelta(minutes=settings.dashboard_session_idle_minutes), longest=longest
        )
        sign_ins = ApprovalsSignIns(others.approvals, SqliteOutbox(database), clock)
        cookies = Cookies(secure=settings.secure, session_s=int(longest.total_seconds()))
        assets = Assets(settings.dashboard_browser)
        approvals, analytics = HttpApprovals(others.approvals), HttpAnalytics(others.analytics, others.proposing)
        connectors = HttpConnectors(others.mcp)
        relay = Relay(approvals.events, clock)
        own = frozenset(each.key_id for each in (keys, second) if each is not None)
        store = StoredKeys(KeyStore(store_path(settings.data_dir, settings.keys_file)), own)
        console = Console(
            pages=Pages(assets, cookies, clock, ZoneInfo(settings.dashboard_time_zone)),
            assets=assets,
            cookies=cookies,
            sessions=sessions,
            signing_in=SigningIn(accounts, kept, Argon2Passwords(), managing, sign_ins, clock),
            administering=Administering(managing, accounts, store, sign_ins),
            probes=probes,
            settings=describe(settings),
            approvals=approvals,
            connectors=connectors,
            trials=Trials(connectors, clock),
            analytics=analytics,
            figures=Figures(analytics),
            knowledge=HttpKnowledge(others.rag),
            relay=relay,
            boards=Boards(probes, approvals, connectors, analytics, relay, clock),
            evidence=FileEvidence(settings.evidence_file),
            provider=provider,
            granted=_granted(settings),
            public_url=settings.dashboard_public_url.rstrip("/"),
            used_link=lambda: settings.link_file.unlink(missing_ok=True),
        )
        await _tell_first_link(settings, managing)
        work = {"feed": relay.run, "sign-ins": sign_ins.run, "memory": lambda: keep_giving_back(clock)}
        yield Opened(console, _checks(relay, accounts), work)


def _others(
    settings: DashboardSettings, metrics: UpstreamMetrics, keys: Credentials, second: Credentials | None
) -> _Others:
    return _Others(
        approvals=Gateway("approvals", settings.approvals_url, keys, metrics=metrics),
        mcp=Gateway("mcp", settings.mcp_url, keys, metrics=metrics),
        analytics=Gateway("analytics", settings.analytics_url, keys, metrics=metrics),
        rag=Gateway("rag", settings.rag_url, keys, metrics=metrics),
        proposing=None if second is None else Gateway("analytics", settings.analytics_url, second),
    )


def _addresses(settings: DashboardSettings) -> Mapping[str, str]:
    return {
        "approvals": settings.approvals_url,
        "mcp": settings.mcp_url,
        "analytics": settings.analytics_url,
        "rag": settings.rag_url,
    }


def _provider(settings: DashboardSettings) -> OpenIdProvider | None:
    if not settings.dashboard_oidc_issuer:
        return None
    return OpenIdProvider(
        Client(
            settings.dashboard_oidc_issuer,
            settings.dashboard_oidc_client_id,
            settings.dashboard_oidc_client_secret,
            settings.dashboard_oidc_role_claim,
        )
    )


def _granted(settings: DashboardSettings) -> Granted:
    return {
        "viewer": frozenset(settings.dashboard_oidc_viewers),
        "operator": frozenset(settings.dashboard_oidc_operators),
        "admin": frozenset(settings.dashboard_oidc_admins),
    }


async def _tell_first_link(settings: DashboardSettings, accounts: Accounts) -> None:
    """Leave the first operator's link where `tillhand up` and a person find it; a terminal is shown it, no log is."""
    path = await accounts.first_link()
    if path is None:
        settings.link_file.unlink(missing_ok=True)
        return
    private_files.write(settings.link_file, f"{settings.address}{path}\n".encode())
    _log.info("sign_in_link", file=str(settings.link_file))
    if sys.stderr.isatty():
        sys.stderr.write(f"Sign in, once, within a day: {settings.address}{path}\n")


def _checks(relay: Relay, accounts: SqliteAccounts) -> tuple[Check, ...]:
    async def kept() -> CheckResult:
        await accounts.find("nobody")
        return OK

    async def heard() -> CheckResult:
        return OK if relay.live else CheckResult("degraded", "The approvals' feed is not heard.")

    return (
        Check("accounts", kept, interval_s=10.0),
        Check("feed", heard, critical=False, interval_s=2.0),
    )

"""Opens every connector and what stands behind them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from pydantic import SecretStr

from tillhand_common import keys
from tillhand_common.actor import ActorSigner, bootstrap_signing_key, load_private_key
from tillhand_common.beside import Run
from tillhand_common.clock import Clock
from tillhand_common.health import OK, Check, CheckResult
from tillhand_common.http import UpstreamClient, UpstreamMetrics
from tillhand_common.keys import KeyStore, store_path
from tillhand_common.lifecycle import StartupError
from tillhand_common.metrics import Metrics
from tillhand_mcp.adapters.analytics.client import AnalyticsClient, watcher_of
from tillhand_mcp.adapters.analytics.connector import AnalyticsConnector
from tillhand_mcp.adapters.analytics.purchasing import Purchasing
from tillhand_mcp.adapters.approvals import HttpApprovals
from tillhand_mcp.adapters.knowledge.connector import KnowledgeConnector
from tillhand_mcp.adapters.knowledge.shelves import KnowledgeShelves
from tillhand_mcp.adapters.messages.connector import MessagesConnector
from tillhand_mcp.adapters.messages.delivery import Delivery
from tillhand_mcp.adapters.messages.mailbox import Mailbox
from tillhand_mcp.adapters.messages.smtp import MailServer
from tillhand_mcp.adapters.no_approvals import NoApprovals
from tillhand_mcp.adapters.prompts import PROMPTS
from tillhand_mcp.adapters.shopify.catalogue import ShopifyCatalogue
from tillhand_mcp.adapters.watching import ConnectorMetrics
from tillhand_mcp.app.mocking import mock_upstream
from tillhand_mcp.app.vendors import Vendors, vendors
from tillhand_mcp.ports.catalogue import Names
from tillhand_mcp.routes.dependencies import Joined
from tillhand_mcp.service.calling import Calling
from tillhand_mcp.service.catalogue import CatalogueSync
from tillhand_mcp.service.executing import Executing
from tillhand_mcp.service.freshness import Freshness
from tillhand_mcp.service.registry import Registry
from tillhand_mcp.service.shelf import Shelf
from tillhand_mcp.service.writing import Writing
from tillhand_mcp.settings import McpSettings, access


@dataclass(frozen=True, slots=True)
class Counting:
    """Where metrics go: the service's, and those of its upstream clients among them."""

    metrics: Metrics
    upstreams: UpstreamMetrics


@dataclass(frozen=True, slots=True)
class Opened:
    """The running connectors, and what goes on beside requests."""

    joined: Joined
    beside: Mapping[str, Run]
    checks: tuple[Check, ...]


@asynccontextmanager
async def open_connectors(settings: McpSettings, clock: Clock, counting: Counting) -> AsyncIterator[Opened]:
    """The connectors without HTTP around them, closed at the end. Raises `StartupError`."""
    async with AsyncExitStack() as stack:
        key = keys.service_key(settings.service_key, settings.data_dir)
        approvals = _approvals(settings, key)
        if isinstance(approvals, HttpApprovals):
            stack.push_async_callback(approvals.aclose)
        rag = (
            UpstreamClient("rag", settings.rag_url, bearer=key, metrics=counting.upstreams)
            if settings.rag_url
            else None
        )
        knowledge = KnowledgeConnector(rag, clock)
        delivery = Delivery(_mail_server(settings), Mailbox(settings.folder / "mailbox.jsonl"), clock)
        messages = MessagesConnector(delivery)
        analytics = _analytics(settings, key, clock, counting, delivery)
        found = vendors(settings, clock, counting.upstreams, await _mock(settings, stack), stack)
        connectors = (found.shopify, found.ga4, found.search_console, found.bing)
        registry = Registry((knowledge, messages, analytics, *connectors))
        for each in registry.connectors.values():
            stack.push_async_callback(each.aclose)
        freshness = Freshness(clock)
        shelf = Shelf((knowledge, found.exports), PROMPTS)
        watcher = ConnectorMetrics(counting.metrics, counting.upstreams, registry.connectors, clock)
        calling = Calling(
            registry=registry, freshness=freshness, writing=Writing(approvals), shelf=shelf, watcher=watcher
        )
        executing = None
        if settings.approvals_url:
            executing = Executing(registry=registry, approvals=approvals, freshness=freshness, clock=clock)
        sync = _sync(settings, clock, found, rag, approvals)
        going = {"executing": executing, "catalogue": sync}
        beside = {name: each.run for name, each in going.items() if each is not None}
        if settings.analytics_url:
            beside["analytics"] = analytics.run
        yield Opened(
            Joined(calling, dict(registry.connectors), watcher, found.exports), beside, _checks(executing, sync)
        )


def _analytics(
    settings: McpSettings, key: SecretStr | None, clock: Clock, counting: Counting, delivery: Delivery
) -> AnalyticsConnector:
    upstream = watching = None
    if settings.analytics_url:
        upstream = UpstreamClient("analytics", settings.analytics_url, bearer=key, metrics=counting.upstreams)
        watching = watcher_of(settings.analytics_url, key, clock)
    client = AnalyticsClient(upstream, clock, watching=watching)
    return AnalyticsConnector(client, Purchasing(client, delivery), clock)


async def _mock(settings: McpSettings, stack: AsyncExitStack) -> Callable[[], str]:
    """Where a mock answers: one that runs already, or one of our own, where any connector wants it."""
    if settings.mock_url:
        return lambda: settings.mock_url
    if not any(each(settings).mode == "mock" for each in access.BY_NAME.values()):
        return str
    address = await stack.enter_async_context(mock_upstream(settings.mock_port))
    return lambda: address


def _sync(
    settings: McpSettings, clock: Clock, found: Vendors, rag: UpstreamClient | None, names: Names
) -> CatalogueSync | None:
    """Products on their way into the knowledge base, where they are wanted there, and their names to the approvals."""
    mode = access.shopify(settings).mode
    if mode == "blocked" or settings.catalogue_sync == "off":
        return None
    kept = rag is not None and (mode == "live" or settings.catalogue_sync == "always")
    if not kept and not settings.approvals_url:
        return None
    return CatalogueSync(
        catalogue=ShopifyCatalogue(found.shopify.client, found.shopify.reading),
        shelves=KnowledgeShelves(rag, settings.catalogue_collection) if rag is not None and kept else None,
        names=names,
        clock=clock,
        file=settings.folder / "catalogue.json",
        every_s=settings.catalogue_sync_s,
    )


def _checks(executing: Executing | None, sync: CatalogueSync | None) -> tuple[Check, ...]:
    async def run() -> CheckResult:
        if executing is None:
            return CheckResult("degraded", "No approvals are connected: everything that writes is refused.")
        if not executing.registered:
            return CheckResult("degraded", "The approvals do not know this service's tools yet: writes wait.")
        if not executing.heard:
            return CheckResult("degraded", "The approvals do not answer: writes wait.")
        return OK

    async def synchronised() -> CheckResult:
        if sync is not None and sync.failure:
            return CheckResult("degraded", f"Changed products are not passed on: {sync.failure}")
        return OK

    found = (Check("approvals", run, critical=False, interval_s=2.0),)
    return found if sync is None else (*found, Check("catalogue", synchronised, critical=False, interval_s=10.0))


def _approvals(settings: McpSettings, key: SecretStr | None) -> HttpApprovals | NoApprovals:
    if not settings.approvals_url:
        return NoApprovals()
    return HttpApprovals(settings.approvals_url, key, _signer(settings, key))


def _signer(settings: McpSettings, key: SecretStr | None) -> ActorSigner | None:
    """Signs in whose name the approvals are asked; its public half lies where they look for it."""
    if key is None:
        return None
    known = KeyStore(store_path(settings.data_dir, settings.keys_file)).authenticate(key.get_secret_value())
    name = key.get_secret_value().split("_")[2] if known is None else known.id
    private = bootstrap_signing_key(settings.actors_folder, "mcp")
    return ActorSigner(load_private_key(private), name)


def _mail_server(settings: McpSettings) -> MailServer | None:
    if settings.smtp_url is None or settings.force_mocks:
        return None
    if not settings.mail_from:
        raise StartupError("TILLHAND_MAIL_FROM is needed together with TILLHAND_SMTP_URL.")
    try:
        return MailServer(settings.smtp_url.get_secret_value(), settings.mail_from)
    except ValueError as error:
        raise StartupError(str(error)) from error

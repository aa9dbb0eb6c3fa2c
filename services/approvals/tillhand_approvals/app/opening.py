"""Opens everything that the approvals stand on, in a data folder or a database."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from tillhand_approvals.adapters.judging import DocumentJudge
from tillhand_approvals.adapters.policy_documents import JsonDocuments
from tillhand_approvals.adapters.receivers import WebReceivers
from tillhand_approvals.adapters.redaction_loading import LoadingRedactor
from tillhand_approvals.adapters.signing import CheckpointJournal, Ed25519Signer, load_signer
from tillhand_approvals.adapters.vault_crypto import load_cipher
from tillhand_approvals.app.drafting import Drafters, open_drafters
from tillhand_approvals.domain.deciding import Rules
from tillhand_approvals.errors import StoreUnavailable
from tillhand_approvals.ports.observer import Observer, Unobserved
from tillhand_approvals.ports.redaction import Redactor
from tillhand_approvals.ports.webhooks import Receivers
from tillhand_approvals.service.auditing import Auditing
from tillhand_approvals.service.deciding import Deciding
from tillhand_approvals.service.delivering import Delivering
from tillhand_approvals.service.drafting import Drafting
from tillhand_approvals.service.editing import Editing
from tillhand_approvals.service.examining import Examining
from tillhand_approvals.service.executing import Executing
from tillhand_approvals.service.feed import Feed
from tillhand_approvals.service.housekeeping import Housekeeping
from tillhand_approvals.service.joined import Approvals
from tillhand_approvals.service.learning import Learning
from tillhand_approvals.service.logins import Logins
from tillhand_approvals.service.notifying import Notifying
from tillhand_approvals.service.proposing import Proposing
from tillhand_approvals.service.reading import Reading
from tillhand_approvals.service.refusals import Refusals
from tillhand_approvals.service.ruling import Ruling
from tillhand_approvals.service.timekeeping import Timekeeping
from tillhand_approvals.service.tooling import Tooling
from tillhand_approvals.service.vault import Vault
from tillhand_approvals.settings import ApprovalsSettings
from tillhand_approvals.store.database import Database
from tillhand_approvals.store.deliveries import DatabaseDeliveries
from tillhand_approvals.store.ledger import DatabaseLedger
from tillhand_approvals.store.listening import listen
from tillhand_common.clock import Clock
from tillhand_common.health import OK, Check, CheckResult
from tillhand_common.lifecycle import StartupError
from tillhand_common.public_addresses import PrivateHosts


@dataclass(frozen=True, slots=True)
class Work:
    """What goes on beside requests, until it is cancelled."""

    name: str
    run: Callable[[], Coroutine[Any, Any, None]]


@dataclass(frozen=True, slots=True)
class Opened:
    """The running approvals: their use cases, what goes on beside requests, and what readiness watches."""

    use_cases: Approvals
    work: tuple[Work, ...]
    checks: tuple[Check, ...]


@asynccontextmanager
async def open_approvals(
    settings: ApprovalsSettings,
    clock: Clock,
    redactor: Redactor | None = None,
    observer: Observer | None = None,
    refusals: Refusals | None = None,
) -> AsyncIterator[Opened]:
    """The approvals without HTTP around them, closed at the end. Raises `StartupError`."""
    settings.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    keys = settings.folder / "vault.keys"
    if isinstance(settings.database, Path) and settings.database.exists() and not keys.exists():
        raise StartupError(f"{keys} is gone: without it nothing in the vault opens. Restore it from a backup.")
    cipher = load_cipher(keys)
    signer = load_signer(settings.folder / "signing")
    journal = CheckpointJournal(settings.folder / "checkpoints.jsonl")
    async with AsyncExitStack() as stack:
        checks: list[Check] = []
        if redactor is None:
            loading = await stack.enter_async_context(LoadingRedactor(settings.folder, ner=settings.ner_model or None))
            checks.append(Check("redactor", loading.check, interval_s=1.0))
            redactor = loading
        database = await Database.open(settings.database)
        stack.push_async_callback(database.close)
        observer = observer or Unobserved()
        ledger = DatabaseLedger(database, clock, observer=observer)
        feed = Feed(ledger)
        receivers = WebReceivers(frozenset(settings.webhook_ports), PrivateHosts.of(settings.webhook_private_hosts))
        stack.push_async_callback(receivers.aclose)
        drafters = await open_drafters(settings, stack)
        vault = Vault(cipher)
        delivering = Delivering(
            ledger=ledger,
            records=ledger,
            deliveries=DatabaseDeliveries(database),
            receivers=receivers,
            vault=vault,
            clock=clock,
            observer=observer,
        )

        def wake(tenant: str) -> None:
            feed.wake(tenant)
            delivering.wake()

        ledger.wake = wake
        use_cases = _joined(
            settings, ledger, feed, clock, redactor, vault, (signer, journal), observer, receivers, drafters
        )
        examining = Examining(use_cases.auditing, clock, observer, settings.verify_hours)
        checks.append(Check("audit", examining.check, critical=False, traffic=False))
        work: tuple[Work, ...] = (
            Work("timekeeping", Timekeeping(ledger, clock).run),
            Work("housekeeping", Housekeeping(ledger, clock, observer, settings.vault_days).run),
            Work("refused keys", lambda: (refusals or Refusals()).run(ledger, clock)),
            Work("checkpoints", use_cases.auditing.run),
            Work("webhooks", delivering.run),
            Work("catalogues", use_cases.learning.run),
            Work("verification", examining.run),
        )
        address = settings.postgresql
        if address is not None:
            work = (*work, Work("listening", lambda: listen(address, wake)))
        yield Opened(use_cases, work, (_store_check(ledger), *checks, *drafters.checks))


def _store_check(ledger: DatabaseLedger) -> Check:
    async def run() -> CheckResult:
        try:
            await ledger.ping()
        except StoreUnavailable as problem:
            return CheckResult("failed", problem.detail)
        return OK

    return Check("store", run)


def _joined(
    settings: ApprovalsSettings,
    ledger: DatabaseLedger,
    feed: Feed,
    clock: Clock,
    redactor: Redactor,
    vault: Vault,
    signing: tuple[Ed25519Signer, CheckpointJournal],
    observer: Observer,
    receivers: Receivers,
    drafters: Drafters,
) -> Approvals:
    judge, documents = DocumentJudge(), JsonDocuments()
    within = timedelta(seconds=settings.execute_within_s)
    rules = Rules(undo=timedelta(seconds=settings.undo_s), execute_within=within)
    editing = Editing(judge=judge, redactor=redactor, vault=vault, clock=clock)
    proposing = Proposing(
        ledger=ledger, clock=clock, judge=judge, redactor=redactor, vault=vault, execute_within=within
    )
    return Approvals(
        proposing=proposing,
        drafting=Drafting(
            ledger=ledger,
            proposing=proposing,
            redactor=redactor,
            knowledge=drafters.knowledge,
            assistant=drafters.assistant,
            tool=settings.reply_tool,
            signature=settings.reply_signature,
        ),
        deciding=Deciding(
            ledger=ledger, clock=clock, redactor=redactor, editing=editing, rules=rules, observer=observer
        ),
        executing=Executing(
            ledger=ledger, clock=clock, redactor=redactor, vault=vault, lease=timedelta(seconds=settings.lease_s)
        ),
        reading=Reading(ledger=ledger, clock=clock, redactor=redactor, vault=vault),
        tooling=Tooling(ledger=ledger, clock=clock, documents=documents, vault=vault),
        ruling=Ruling(ledger=ledger, clock=clock, documents=documents, vault=vault, redactor=redactor),
        auditing=Auditing(
            ledger=ledger,
            records=ledger,
            clock=clock,
            vault=vault,
            redactor=redactor,
            signer=signing[0],
            journal=signing[1],
            checkpoint_every=settings.checkpoint_every,
        ),
        logins=Logins(ledger=ledger, redactor=redactor),
        learning=Learning(ledger=ledger, clock=clock, redactor=redactor),
        notifying=Notifying(ledger=ledger, clock=clock, vault=vault, receivers=receivers),
        feed=feed,
        heartbeat_s=settings.heartbeat_s,
    )

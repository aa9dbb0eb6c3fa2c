"""Connects the approvals, where an address is set."""

from __future__ import annotations

from pydantic import SecretStr

from tillhand_analytics.adapters.approvals import HttpProposals, NoProposals
from tillhand_analytics.adapters.placed_orders import HttpOrders, NoOrders
from tillhand_analytics.settings import AnalyticsSettings
from tillhand_common.actor import ActorSigner, bootstrap_signing_key, load_private_key
from tillhand_common.http import UpstreamMetrics
from tillhand_common.keys import KeyStore, service_key, store_path


def orders(settings: AnalyticsSettings, upstreams: UpstreamMetrics | None) -> HttpOrders | NoOrders:
    """What was ordered through the approvals, where they are connected."""
    if not settings.approvals_url:
        return NoOrders()
    return HttpOrders(settings.approvals_url, service_key(settings.service_key, settings.data_dir), upstreams)


def proposals(settings: AnalyticsSettings) -> HttpProposals | NoProposals:
    """The approvals, asked by the service's own key and in the name of whoever calls."""
    if not settings.approvals_url:
        return NoProposals()
    key = service_key(settings.service_key, settings.data_dir)
    return HttpProposals(settings.approvals_url, key, _signer(settings, key))


def _signer(settings: AnalyticsSettings, key: SecretStr | None) -> ActorSigner | None:
    """Signs in whose name the approvals are asked; its public half lies where they look for it."""
    if key is None:
        return None
    known = KeyStore(store_path(settings.data_dir, settings.keys_file)).authenticate(key.get_secret_value())
    name = key.get_secret_value().split("_")[2] if known is None else known.id
    private = bootstrap_signing_key(settings.actors_folder, "analytics")
    return ActorSigner(load_private_key(private), name)

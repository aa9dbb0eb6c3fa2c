"""With what the console asks the other services: a key of its own, and the signature of whom it asks for."""

from __future__ import annotations

from typing import Final

from pydantic import SecretStr

from tillhand_common import private_files
from tillhand_common.actor import ActorSigner, bootstrap_signing_key, load_private_key
from tillhand_common.keys import KeyStore, store_path
from tillhand_dashboard.adapters.gateway import Credentials
from tillhand_dashboard.domain.accounts import KEY_SCOPES
from tillhand_dashboard.settings import DashboardSettings

NAME: Final = "dashboard"


def credentials(settings: DashboardSettings) -> Credentials:
    """The key that is set, else one that the first start makes here, and what signs beside it."""
    store = KeyStore(store_path(settings.data_dir, settings.keys_file))
    return _beside(settings, store, settings.dashboard_key or _own(settings, store))


def proposing(settings: DashboardSettings) -> Credentials | None:
    """The key by which people propose, if somebody has set one: the one that decides never does."""
    if settings.dashboard_proposing_key is None:
        return None
    store = KeyStore(store_path(settings.data_dir, settings.keys_file))
    return _beside(settings, store, settings.dashboard_proposing_key)


def _beside(settings: DashboardSettings, store: KeyStore, key: SecretStr) -> Credentials:
    token = key.get_secret_value()
    known = store.authenticate(token)
    name = token.split("_")[2] if known is None and token.count("_") > 1 else "" if known is None else known.id
    private = bootstrap_signing_key(settings.actors_folder, NAME)
    return Credentials(key, ActorSigner(load_private_key(private), name))


def _own(settings: DashboardSettings, store: KeyStore) -> SecretStr:
    path = settings.data_dir / "keys" / f"{NAME}.key"
    with private_files.locked(path):
        kept = path.read_text(encoding="ascii").strip() if path.exists() else ""
        if not kept or store.authenticate(kept) is None:
            kept = store.create(NAME, "service", scopes=KEY_SCOPES).token
            private_files.write(path, f"{kept}\n".encode("ascii"))
    return SecretStr(kept)

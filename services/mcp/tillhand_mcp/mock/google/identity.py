"""The one account that may sign itself in: made anew with every process, and good for nothing but the mock."""

from __future__ import annotations

from functools import cache
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

CLIENT_EMAIL: Final = "reader@mock-project.iam.gserviceaccount.com"
PROJECT: Final = "mock-project"
KEY_ID: Final = "mock-key-1"
REFRESH_TOKEN: Final = "mock-refresh-token"  # noqa: S105  # of a server that holds nothing
TOKEN_PATH: Final = "token"  # noqa: S105  # a path
KEY_BITS: Final = 2048


def service_account(base_url: str) -> dict[str, Any]:
    """Return the account's file as Google hands them out, with this mock as the place that gives tokens."""
    pem = _key().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    base = base_url.rstrip("/")
    return {
        "type": "service_account",
        "project_id": PROJECT,
        "private_key_id": KEY_ID,
        "private_key": pem.decode(),
        "client_email": CLIENT_EMAIL,
        "client_id": "100000000000000000001",
        "auth_uri": f"{base}/o/oauth2/auth",
        "token_uri": f"{base}/{TOKEN_PATH}",
    }


def public_key() -> RSAPublicKey:
    """Return what the account's signatures are checked against."""
    return _key().public_key()


@cache
def _key() -> RSAPrivateKey:
    return generate_private_key(public_exponent=65537, key_size=KEY_BITS)

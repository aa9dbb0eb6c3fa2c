"""On whose behalf: the `Tillhand-Actor` header, by which one service speaks to another for a person or an agent.

It travels beside the calling service's own key and never instead of it. It is a JWT signed with Ed25519 (RFC 8037),
good for a minute at most, for one audience, and only together with the key that it was made for (`iss`). It is taken
from keys with the scope `act_as` alone; from any other key, and by a service that takes no actors, it is refused
rather than ignored, since ignoring it would do in one name what was asked in another. `ActorGate` sees to that.
"""

import hashlib
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final, Literal

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)
from fastapi import Depends
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tillhand_common import context, private_files
from tillhand_common.clock import Clock, SystemClock
from tillhand_common.problems import Unauthorized
from tillhand_common.security import Principal, require

HEADER: Final = "tillhand-actor"
LIFETIME_S: Final = 60
_LEEWAY_S: Final = 5  # clocks of two machines
_ALGORITHM: Final = "EdDSA"
_END_OF_KEY: Final = "-----END PUBLIC KEY-----"

Name = Annotated[str, Field(min_length=1, max_length=200)]


class InvalidActor(Unauthorized):
    """The actor token is forged, expired, or made for another service or key; which of these is never told."""

    slug, title = "invalid-actor", "The actor token is not valid"


@dataclass(frozen=True, slots=True)
class Actor:
    """In whose name a request acts. Self-approval compares `subject` within `tenant`."""

    subject: str
    kind: Literal["agent", "service", "operator"]
    tenant: str
    roles: frozenset[str] = frozenset()


class _Claims(BaseModel):
    model_config = ConfigDict(strict=True, extra="ignore")

    sub: Name
    kind: Literal["agent", "service", "operator"]
    tenant: Name
    roles: Annotated[list[Name], Field(max_length=50)]
    iat: int
    exp: int


class ActorSigner:
    """Signs actor tokens for the calls that a service makes with the API key `key_id`."""

    def __init__(self, private_key: Ed25519PrivateKey, key_id: str, *, clock: Clock | None = None) -> None:
        self._private_key = private_key
        self._key_id = key_id
        self._kid = thumbprint(private_key.public_key())
        self._clock = clock or SystemClock()

    def header(self, actor: Actor, audience: str, *, lifetime_s: int = LIFETIME_S) -> dict[str, str]:
        """Return the header that makes the next call to the service `audience` in the name of `actor`."""
        if not 0 < lifetime_s <= LIFETIME_S:
            raise ValueError(f"an actor token lives for 1 to {LIFETIME_S} s")
        now = int(self._clock.now().timestamp())
        claims = {
            "iss": self._key_id,
            "aud": audience,
            "sub": actor.subject,
            "kind": actor.kind,
            "tenant": actor.tenant,
            "roles": sorted(actor.roles),
            "iat": now,
            "exp": now + lifetime_s,
            "jti": secrets.token_hex(8),
        }
        return {HEADER: jwt.encode(claims, self._private_key, algorithm=_ALGORITHM, headers={"kid": self._kid})}


class ActorVerifier:
    """Reads actor tokens that are addressed to the service `audience` and signed with one of `public_keys`."""

    def __init__(self, public_keys: Iterable[Ed25519PublicKey], audience: str) -> None:
        self._keys: Mapping[str, Ed25519PublicKey] = {thumbprint(key): key for key in public_keys}
        self._audience = audience

    def verify(self, token: str, key_id: str) -> Actor:
        """Return the actor of a token that came with the API key `key_id`. Raises InvalidActor."""
        try:
            key = self._keys[jwt.get_unverified_header(token)["kid"]]
            decoded = jwt.decode(
                token,
                key,
                algorithms=[_ALGORITHM],
                audience=self._audience,
                issuer=key_id,
                leeway=_LEEWAY_S,
                options={"require": ["exp", "iat", "aud", "iss", "sub"]},
            )
            claims = _Claims.model_validate(decoded)
        except (jwt.InvalidTokenError, KeyError, TypeError, ValidationError):
            raise InvalidActor from None
        if claims.exp - claims.iat > LIFETIME_S:
            raise InvalidActor
        return Actor(claims.sub, claims.kind, claims.tenant, frozenset(claims.roles))


class ActorKeys:
    """Verifies by the public keys (`*.pub`) of a folder, read anew when a key is unknown and the folder has changed.

    Services start in any order, and each leaves its key there when it first does.
    """

    def __init__(self, folder: Path, audience: str) -> None:
        self._folder = folder
        self._audience = audience
        self._seen: frozenset[tuple[str, int]] = frozenset()
        self._verifier = ActorVerifier((), audience)

    def verify(self, token: str, key_id: str) -> Actor:
        """Return the actor of a token that came with the API key `key_id`. Raises InvalidActor."""
        try:
            return self._verifier.verify(token, key_id)
        except InvalidActor:
            if not self._has_changed():
                raise
        return self._verifier.verify(token, key_id)

    def _has_changed(self) -> bool:
        paths = sorted(self._folder.glob("*.pub"))
        found = frozenset((path.name, path.stat().st_mtime_ns) for path in paths)
        if found == self._seen:
            return False
        keys = (key for path in paths for key in load_public_keys(path))
        self._verifier, self._seen = ActorVerifier(keys, self._audience), found
        return True


async def acting(caller: Annotated[Principal, Depends(require())]) -> Actor:
    """Give a route the actor of its request: the one that `ActorGate` has verified, or the calling key itself."""
    return context.actor() or _itself(caller)


def _itself(caller: Principal) -> Actor:
    if caller.kind == "anonymous":
        raise Unauthorized("This needs a key. Send it as a bearer token.")
    return Actor(f"key:{caller.key_id}", caller.kind, caller.tenant)


def thumbprint(key: Ed25519PublicKey) -> str:
    """Return the name under which a public key is looked up: 128 bits of its SHA-256."""
    return hashlib.sha256(key.public_bytes_raw()).hexdigest()[:32]


def bootstrap_signing_key(folder: Path, name: str = "actor") -> Path:
    """Create `actor.key` (mode 0600) and `actor.pub` in the folder, once; return the path of the private one."""
    private, public = folder / f"{name}.key", folder / f"{name}.pub"
    with private_files.locked(private):
        if not private.exists():
            key = Ed25519PrivateKey.generate()
            pem = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
            private_files.write(public, pem)
            private_files.write(private, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return private


def load_private_key(path: Path) -> Ed25519PrivateKey:
    """Read a private key in PEM. Raises ValueError when it is not an Ed25519 key."""
    key = load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise ValueError(f"{path.name} holds no Ed25519 key")  # noqa: TRY004  # the content is wrong, not a type
    return key


def load_public_keys(path: Path) -> list[Ed25519PublicKey]:
    """Read one or more public keys in PEM, one after the other, so that keys can be changed without a gap."""
    found: list[Ed25519PublicKey] = []
    for block in path.read_text(encoding="ascii").split(_END_OF_KEY)[:-1]:
        key = load_pem_public_key(f"{block.strip()}\n{_END_OF_KEY}\n".encode("ascii"))
        if not isinstance(key, Ed25519PublicKey):
            raise ValueError(f"{path.name} holds a key that is not Ed25519")  # noqa: TRY004  # the content is wrong
        found.append(key)
    return found

"""Others' images for machines that reach no registry: made from Debian's packages, named as in the compose file.

Enough to run what the compose file describes; Grafana is no package of Debian's and has none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import engine

SUITE: Final = "trixie"  # the release whose Alertmanager reads the address of a webhook from a file
# What the official image does at its first start, as far as the compose file asks for it.
POSTGRES_START: Final = """#!/bin/sh
set -eu
PATH=$(echo /usr/lib/postgresql/*/bin):$PATH
if [ ! -s "$PGDATA/PG_VERSION" ]; then
  initdb --username="$POSTGRES_USER" --pwfile="$POSTGRES_PASSWORD_FILE" --auth-local=trust $POSTGRES_INITDB_ARGS
  echo "host all all all scram-sha-256" >> "$PGDATA/pg_hba.conf"
  pg_ctl --wait --options="-c listen_addresses=" start
  createdb --username="$POSTGRES_USER" "$POSTGRES_DB"
  pg_ctl --wait stop
fi
exec postgres -c "listen_addresses=*"
"""


@dataclass(frozen=True, slots=True)
class StandIn:
    """One image: the packages in it, shell commands that run in its root (`$1`), and what it starts."""

    variable: str
    image: str
    packages: tuple[str, ...]
    hooks: tuple[str, ...]
    settings: tuple[str, ...]


def _folder(place: str, owner: int) -> str:
    return f'mkdir -p "$1{place}" && chown {owner}:{owner} "$1{place}"'


STAND_INS: Final = (
    StandIn(
        "TILLHAND_POSTGRES_IMAGE",
        "postgres:17.6-bookworm",
        ("postgresql-17",),
        (
            'chroot "$1" groupmod --gid 999 postgres && chroot "$1" usermod --uid 999 --gid 999 postgres',
            _folder("/var/lib/postgresql/data", 999),
            f'cat > "$1/usr/local/bin/start" <<\'END\'\n{POSTGRES_START}END\nchmod 755 "$1/usr/local/bin/start"',
        ),
        ('ENTRYPOINT ["/usr/local/bin/start"]',),
    ),
    StandIn(
        "TILLHAND_PROMETHEUS_IMAGE",
        "prom/prometheus:v3.5.0",
        ("prometheus",),
        (_folder("/prometheus", 65534),),
        ('ENTRYPOINT ["/usr/bin/prometheus"]',),
    ),
    StandIn(
        "TILLHAND_ALERTMANAGER_IMAGE",
        "prom/alertmanager:v0.28.1",
        ("prometheus-alertmanager",),
        (_folder("/alertmanager", 65534),),
        ('ENTRYPOINT ["/usr/bin/prometheus-alertmanager"]',),
    ),
)


def provide(env: Mapping[str, str]) -> list[str]:
    """Have every image: the engine's own, a pulled one, or a stand-in. Returns the names of the stand-ins.

    Raises EngineError.
    """
    made = []
    for each in STAND_INS:
        if not engine.present(each.image, env) and not engine.pulls(env, each.image):
            make(each, env)
            made.append(each.image)
    return made


def make(each: StandIn, env: Mapping[str, str]) -> None:
    """Build the file system once, and import it."""
    archive = engine.LAB / f"{each.packages[0]}.tar"
    if not archive.exists():
        partial = archive.with_suffix(".partial")
        engine.run(
            "mmdebstrap", "--quiet", "--format=tar", "--variant=minbase", "--aptopt=APT::Install-Recommends false",
            f"--include={','.join(each.packages)}", *(f"--customize-hook={hook}" for hook in each.hooks),
            SUITE, partial,
        )  # fmt: skip
        partial.replace(archive)
    changes = [part for line in each.settings for part in ("--change", line)]
    engine.run("docker", "import", *changes, archive, each.image, env=env)

"""How hardened each service of the compose file is, item by item; anything below 100 % fails and is named.

usage: hardening.py [compose file]
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import yaml

from workspace import ROOT

COMPOSE: Final = ROOT / "deploy" / "compose.yaml"
Service = Mapping[str, Any]

POWERS: Final = {
    "privileged", "cap_add", "network_mode", "pid", "ipc", "userns_mode", "devices", "cgroup_parent", "volumes_from"
}  # fmt: skip
CREDENTIAL: Final = re.compile(r"(?i)passw|secret|token|api_?key|credential|private_?key")
ELSEWHERE: Final = re.compile(r"(_FILE|__FILE|_DIR|_KEYS)$")
# A name with a tag that says a version, or a digest; never `latest`, and never nothing.
PINNED: Final = re.compile(r"[\w./-]+(:v?\d[\w.-]*|@sha256:[0-9a-f]{64})")
VARIABLE: Final = re.compile(r"\$\{(\w+)(?::?-([^}]*))?\}")


def defaults(value: object) -> str:
    """A value as it is where the host sets nothing."""
    return VARIABLE.sub(lambda match: match[2] or "", str(value))


def has_all_capabilities_dropped(service: Service) -> bool:
    return service.get("cap_drop") == ["ALL"]


def has_a_read_only_root(service: Service) -> bool:
    return service.get("read_only") is True


def cannot_gain_rights(service: Service) -> bool:
    return "no-new-privileges:true" in service.get("security_opt", [])


def keeps_the_engines_filters(service: Service) -> bool:
    return not any("unconfined" in str(option) for option in service.get("security_opt", []))


def is_a_numeric_user(service: Service) -> bool:
    user = str(service.get("user", "")).partition(":")[0]
    return user.isdecimal() and int(user) > 0


def has_no_powers(service: Service) -> bool:
    return not POWERS & set(service)


def is_far_from_the_engine(service: Service) -> bool:
    mounts = [str(volume) for volume in service.get("volumes", [])]
    return not any("docker.sock" in mount or mount.startswith("/") for mount in mounts)


def mounts_the_repository_for_reading(service: Service) -> bool:
    mounts = [str(volume) for volume in service.get("volumes", [])]
    return all(mount.endswith(":ro") for mount in mounts if mount.startswith("."))


def has_bounded_memory(service: Service) -> bool:
    return bool(re.fullmatch(r"\d+[mg]", defaults(service.get("mem_limit", ""))))


def has_bounded_cores(service: Service) -> bool:
    return bool(re.fullmatch(r"\d+(\.\d+)?", defaults(service.get("cpus", "")))) and defaults(service["cpus"]) != "0"


def has_bounded_processes(service: Service) -> bool:
    return 0 < int(service.get("pids_limit", 0)) <= 1024  # noqa: PLR2004 - beyond it a bound protects no host


def has_a_bounded_tmp(service: Service) -> bool:
    mounts = [str(each) for each in service.get("tmpfs", [])]
    return bool(mounts) and all({"noexec", "nosuid", "nodev"} <= set(m.split(",")) and "size=" in m for m in mounts)


def has_an_init(service: Service) -> bool:
    return service.get("init") is True


def turns_its_log_over(service: Service) -> bool:
    return {"max-size", "max-file"} <= set(service.get("logging", {}).get("options", {}))


def tells_its_health(service: Service) -> bool:
    check = service.get("healthcheck", {})
    bounded = {"interval", "timeout", "retries", "start_period"} <= set(check)
    return bounded and check.get("test", [""])[0] == "CMD" and "curl" not in check["test"]


def starts_again(service: Service) -> bool:
    return service.get("restart") == "unless-stopped"


def has_time_to_leave(service: Service) -> bool:
    return "stop_grace_period" in service


def waits_for_health(service: Service) -> bool:
    """A list, in place of conditions, waits for no more than a process."""
    needed = service.get("depends_on", {})
    if not isinstance(needed, Mapping):
        return False
    return all(each.get("condition") == "service_healthy" for each in needed.values())


def listens_on_loopback(service: Service) -> bool:
    return all(str(port).startswith("127.0.0.1:") for port in service.get("ports", []))


def has_a_pinned_image(service: Service) -> bool:
    image = str(service.get("image", ""))
    return bool(VARIABLE.fullmatch(image)) and bool(PINNED.fullmatch(defaults(image)))


def has_no_credential_in_its_environment(service: Service) -> bool:
    given = service.get("environment", {})
    secret = [name for name in given if CREDENTIAL.search(name) and not ELSEWHERE.search(name)]
    urls = [value for value in map(defaults, given.values()) if re.search(r"://[^/@\s]*:[^/@\s]+@", value)]
    return not secret and not urls


def meets_others_inside(service: Service) -> bool:
    return "services" in service.get("networks", [])


ITEMS: Final[dict[str, Callable[[Service], bool]]] = {
    "read-only root": has_a_read_only_root,
    "no capabilities": has_all_capabilities_dropped,
    "no new privileges": cannot_gain_rights,
    "seccomp and apparmor kept": keeps_the_engines_filters,
    "numeric user": is_a_numeric_user,
    "no powers": has_no_powers,
    "no engine socket": is_far_from_the_engine,
    "read-only mounts": mounts_the_repository_for_reading,
    "memory": has_bounded_memory,
    "cores": has_bounded_cores,
    "processes": has_bounded_processes,
    "tmpfs": has_a_bounded_tmp,
    "init": has_an_init,
    "log rotation": turns_its_log_over,
    "health check": tells_its_health,
    "restart": starts_again,
    "grace": has_time_to_leave,
    "gated": waits_for_health,
    "loopback": listens_on_loopback,
    "pinned image": has_a_pinned_image,
    "no credentials": has_no_credential_in_its_environment,
    "inner network": meets_others_inside,
}


def scored(stack: Mapping[str, Any]) -> dict[str, dict[str, bool]]:
    """Whether each service has each item: {item: {service: whether}}."""
    services: Mapping[str, Service] = stack["services"]
    return {item: {name: has(service) for name, service in services.items()} for item, has in ITEMS.items()}


def missing(stack: Mapping[str, Any]) -> list[str]:
    """What is missing, as `service: item`, and what concerns no single service."""
    lacking = [f"{name}: {item}" for item, row in scored(stack).items() for name, has in row.items() if not has]
    inner = stack.get("networks", {}).get("services") or {}
    return lacking if inner.get("internal") is True else [*lacking, "networks: services is not internal"]


def table(stack: Mapping[str, Any]) -> Iterable[str]:
    """One line an item, one column a service."""
    names = list(stack["services"])
    yield "  ".join([f"{'':<26}", *names])
    for item, row in scored(stack).items():
        yield "  ".join([f"{item:<26}", *(f"{'yes' if row[name] else 'NO':<{len(name)}}" for name in names)])


def main() -> int:
    stack = yaml.safe_load(Path(sys.argv[1] if len(sys.argv) > 1 else COMPOSE).read_text("utf-8"))
    print("\n".join(table(stack)))
    lacking = missing(stack)
    count = len(ITEMS) * len(stack["services"])
    print(f"hardening: {count - len(lacking)} of {count} (items times services)")
    print("".join(f"  missing: {each}\n" for each in lacking), end="")
    return 1 if lacking else 0


if __name__ == "__main__":
    sys.exit(main())

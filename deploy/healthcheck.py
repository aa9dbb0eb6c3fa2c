"""Exit 0 when the service in this container may receive traffic: a container's health check, standard library only."""

import http.client
import json
import os
import sys

TIMEOUT_S = 8.0


def failing(report: bytes) -> str:
    """Return which critical checks have failed, from a report of /ready."""
    try:
        checks = json.loads(report)["checks"].items()
        named = [name for name, check in checks if check["critical"] and check["status"] in {"failed", "pending"}]
    except (ValueError, KeyError, TypeError, AttributeError):
        return ""
    return f", failing: {', '.join(named)}" if named else ""


def main() -> int:
    """Ask /ready as an orchestrator would; whatever goes wrong is told in one line and exit code 1."""
    port = int(os.environ.get("TILLHAND_PORT", "8000"))
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_S)
    try:
        connection.request("GET", "/ready?for=traffic")
        answer = connection.getresponse()
        status, report = answer.status, answer.read()
    except (OSError, http.client.HTTPException) as error:
        print(f"port {port}: {error}")
        return 1
    finally:
        connection.close()
    print(f"/ready: {status}{failing(report)}")
    return 0 if status == http.client.OK else 1


if __name__ == "__main__":
    sys.exit(main())

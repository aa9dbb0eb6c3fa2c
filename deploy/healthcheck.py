"""Exit 0 when the service in this container may receive traffic: a container's health check, standard library only."""

import http.client
import os
import sys

TIMEOUT_S = 8.0


def main() -> int:
    """Ask /ready as an orchestrator would; whatever goes wrong is told in one line and exit code 1."""
    port = int(os.environ.get("TILLHAND_PORT", "8000"))
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_S)
    try:
        connection.request("GET", "/ready?for=traffic")
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        print(f"port {port}: {error}")
        return 1
    finally:
        connection.close()
    print(f"/ready: {status}")
    return 0 if status == http.client.OK else 1


if __name__ == "__main__":
    sys.exit(main())

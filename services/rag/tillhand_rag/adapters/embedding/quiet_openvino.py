"""OpenVINO without its telemetry, which reports each start to its maker.

It forks to send, and ends a child that reaches nobody with SIGTERM. A fork keeps the signal handling of its parent, and
so the service would take this signal for one of its own and leave. Without the package OpenVINO uses a stub of its own.
"""

from __future__ import annotations

import sys

sys.modules["openvino_telemetry"] = None  # type: ignore[assignment]  # how Python notes what must not be imported

import openvino  # noqa: E402  # after the line above

__all__ = ["openvino"]

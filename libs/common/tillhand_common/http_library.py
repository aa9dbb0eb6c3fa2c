"""What the HTTP library does unasked, and we would rather it did not."""

import logging
import sys
from importlib.util import find_spec
from typing import Any


def tame() -> None:
    """Keep it from logging whole URLs, and from searching the disk in each call.

    It asks for `sniffio` with every lock that it makes, four times in a call, and where that is not installed Python
    searches every folder of its path each time: 0.7 ms a call. That it is not there is remembered instead.
    """
    for name in ("httpx", "httpcore"):  # headers, too, at the debug level
        logging.getLogger(name).setLevel(logging.WARNING)
    loaded: dict[str, Any] = sys.modules
    if "sniffio" not in loaded and find_spec("sniffio") is None:
        loaded["sniffio"] = None

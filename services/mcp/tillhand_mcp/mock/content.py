"""What came as JSON, before anybody has looked at it."""

from __future__ import annotations

from typing import Any

Content = Any  # of any shape: every use has to check

"""Turn an installer's output into one sentence that says what went wrong and what to do."""

from __future__ import annotations

import re

# First match wins: a full disk also prints network-looking errors, and a missing version prints both.
CAUSES = (
    (
        r"No space left on device|os error 28|ENOSPC",
        "The disk is full. Free about 3 GB and run the same command again.",
    ),
    (
        r"do not match the hash|Hash mismatch|THESE PACKAGES DO NOT MATCH",
        "A downloaded file is not the one that was locked: nothing was installed. A lock changes only by `make lock`.",
    ),
    (
        (
            r"from versions: none|dns error|name resolution|Name or service not known|Could not connect"
            r"|Connection refused|timed out|Network is unreachable|error sending request"
            r"|Failed to establish a new connection"
        ),
        "The package index cannot be reached. Check the network, PIP_INDEX_URL and any proxy, then run it again.",
    ),
    (
        r"invalid peer certificate|CERTIFICATE_VERIFY_FAILED",
        "The package index's certificate is not trusted here: set SSL_CERT_FILE.",
    ),
    (r"Permission denied|os error 13", "A file cannot be written. Is part of .venv owned by another user?"),
    (
        r"No matching distribution|No solution found|has no wheels|no version of",
        "A locked package has no build for this platform or this Python.",
    ),
)
LAST_LINES = 12


def explain(output: str, log: str) -> str:
    """The likely cause of a failed command, followed by the end of what it printed."""
    cause = next((text for pattern, text in CAUSES if re.search(pattern, output, re.IGNORECASE)), "A command failed.")
    tail = "\n".join(f"    {line}" for line in output.strip().splitlines()[-LAST_LINES:])
    return f"{cause}\n{tail}\n  the whole output: {log}"

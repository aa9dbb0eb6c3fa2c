"""Runs a command where the `tillhand` program is not at hand: `python -m tillhand_rag.commands prepare`."""

from __future__ import annotations

import argparse
import sys

from tillhand_rag import commands


def main(arguments: list[str] | None = None) -> int:
    """Run the named command; its exit status."""
    parser = argparse.ArgumentParser(prog="python -m tillhand_rag.commands", description=commands.__doc__)
    names = parser.add_subparsers(dest="command", required=True)
    names.add_parser("prepare", help="export and check the default embedding model, choose the fastest route here")
    parser.parse_args(arguments)
    return commands.prepare()


if __name__ == "__main__":
    sys.exit(main())

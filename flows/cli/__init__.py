"""The command line: one module a group of commands."""

from flows.cli.app import main

__all__ = ["main"]

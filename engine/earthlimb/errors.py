"""The errors a user can meet: one message each, with the exit status that the command line returns.

A message reads `where: what was given: what is allowed: what to do`.
"""

from __future__ import annotations


class EarthlimbError(Exception):
    """A failure that the user can understand and mend; `str(error)` is the whole message."""

    exit_status = 1


class WorkError(EarthlimbError):
    """The command was right but the work failed: no GL driver, a full disk, a broken data set."""

    exit_status = 1


class UsageError(EarthlimbError):
    """The command or the scene is wrong, an unreadable file or a missing folder included."""

    exit_status = 2

"""Keeping a long run's memory flat: `limit_arenas()`."""

from __future__ import annotations

import ctypes
import platform

# mallopt(3), malloc.h of glibc.
_M_ARENA_MAX = -8


def limit_arenas(count: int = 2) -> bool:
    """Let glibc's malloc keep at most `count` pools of memory for threads of this process. False where there is no glibc.

    Each batch of the embedded index is written by new threads, which glibc spreads over up to eight pools a core, and none gives back what
    it once held: with 16 pools a process grew by 80 MB over 4,000 articles, with one or two it stays where it is after the first batches.
    """
    if platform.libc_ver()[0] != "glibc":
        return False
    return bool(ctypes.CDLL(None).mallopt(_M_ARENA_MAX, count))

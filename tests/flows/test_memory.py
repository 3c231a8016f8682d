from __future__ import annotations

import platform
import subprocess
import sys

import pytest

# Many threads at once that each hold memory of their own, then how many pools malloc has made for them.
_SCRIPT = """
import ctypes, sys, threading
from flows.memory import limit_arenas
if sys.argv[1] == "limited":
    assert limit_arenas(2)
together = threading.Barrier(12)
def hold():
    together.wait()
    kept = [bytes(5_000) for _ in range(100)]
    together.wait()
threads = [threading.Thread(target=hold) for _ in range(12)]
for thread in threads: thread.start()
for thread in threads: thread.join()
libc = ctypes.CDLL(None)
libc.fdopen.restype = ctypes.c_void_p
libc.malloc_info(0, ctypes.c_void_p(libc.fdopen(1, b"w")))
libc.fflush(None)
"""


def arenas(how: str) -> int:
    done = subprocess.run([sys.executable, "-c", _SCRIPT, how], capture_output=True, text=True, check=True)
    return done.stdout.count("<heap nr=")


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc has such pools")
def test_threads_share_two_pools_of_memory() -> None:
    assert arenas("limited") <= 2 < arenas("as it is")

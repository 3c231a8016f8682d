"""A server in a process of its own, so that it takes no time from what is measured."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def in_process(serve: Callable[..., None], *arguments: Any) -> Iterator[int]:
    """The port that `serve(*arguments, tell)` sends through the connection `tell`; the process ends with the block."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=serve, args=(*arguments, theirs), daemon=True, name="server")
    process.start()
    try:
        yield ours.recv()
    finally:
        process.terminate()
        process.join()

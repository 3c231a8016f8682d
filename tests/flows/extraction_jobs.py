"""Jobs for the pool's tests: they must be importable in the worker."""

from __future__ import annotations

import os
import time
from pathlib import Path

import trafilatura


def echo(job: object) -> tuple[object, int]:
    """The job and the process that did it; some jobs misbehave."""
    if job == "hang":
        while True:
            time.sleep(0.01)
    if job == "die":
        os._exit(7)
    if job == "raise":
        raise ValueError("as told")
    return job, os.getpid()


def extract(job: bytes) -> int:
    """The length of the text that trafilatura finds."""
    text = trafilatura.extract(job, fast=True)
    return len(text or "")


def note_start(job: Path) -> None:
    """Write our process id to the file, then hang."""
    job.write_text(str(os.getpid()))
    while True:
        time.sleep(0.01)


def broken_start() -> None:
    """A warm-up that kills its worker."""
    os._exit(3)

"""The network as the ingest of the torture press sees it: names that cases define, and a record of every address that was dialled."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable
from functools import cached_property

import httpcore

from flows.clock import Clock
from flows.fetch import Fetcher
from flows.network import connect_tcp, resolve_host
from flows.pipeline import ingest_in
from flows.settings import Settings
from flows.summary import Progress, RunSummary, Silent
from flows.workspace import Workspace
from tests.torture.cases import Case
from tests.torture.serving import TorturePress

# A name may resolve to this address, as to one on the public net. It is not dialled: the press answers in its place.
PUBLIC = "198.41.0.4"
_LITERAL = re.compile(r"[\d.]+|[0-9a-fA-F:.]*:[0-9a-fA-F:.]*|localhost")


class TortureNetwork:
    """Names and connections. `dialled` holds every address that anybody tried to connect to, besides the press."""

    def __init__(self, press: TorturePress, cases: Iterable[Case]) -> None:
        self._press = press
        self._names = {name.replace("{host}", case.host): list(addresses) for case in cases for name, addresses in case.names.items()}
        self._guard = threading.Lock()
        self.dialled: list[str] = []

    def resolve(self, host: str, port: int) -> list[str]:
        """The next address of a case's name, the last one for ever; what is written as an address by the system, which asks nobody."""
        with self._guard:
            if addresses := self._names.get(host):
                return [addresses.pop(0) if len(addresses) > 1 else addresses[0]]
        if _LITERAL.fullmatch(host):
            return resolve_host(host, port)
        raise OSError(f"no case has a name {host}")

    def connect(self, address: str, port: int, timeout: float | None) -> httpcore.NetworkStream:
        """A connection to the press, whatever public address it goes by; everything else is refused and recorded."""
        if address == PUBLIC or (address, port) == ("127.0.0.1", self._press.port):
            return connect_tcp("127.0.0.1", self._press.port, timeout)
        with self._guard:
            self.dialled.append(f"{address}:{port}")
        raise httpcore.ConnectError(f"{address} must not be dialled")


class TortureWorkspace(Workspace):
    """A workspace whose fetcher is on a TortureNetwork."""

    network: TortureNetwork

    @cached_property
    def fetcher(self) -> Fetcher:
        """As a workspace's, with names and connections of the torture press."""
        return self._open.enter_context(
            Fetcher(
                self.settings,
                clock=self.clock.monotonic,
                sleep=self.sleep,
                now=self.clock.now,
                robots=self.ledger.robots,
                resolve=self.network.resolve,
                connect=self.network.connect,
            )
        )


def ingest_cases(
    settings: Settings, cases: Iterable[Case], network: TortureNetwork, clock: Clock, progress: Progress | None = None
) -> RunSummary:
    """`flows.pipeline.ingest` of what is due, on this network."""
    outlets = {case.id: case.outlet() for case in cases}
    work = TortureWorkspace(settings, outlets, progress or Silent(), clock)
    work.network = network
    with work:
        return ingest_in(work)

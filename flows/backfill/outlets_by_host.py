"""Which outlet a host belongs to."""

from __future__ import annotations

from collections.abc import Mapping

from extractors.addresses import address_host
from extractors.errors import InputError
from extractors.records import Outlet


class OutletsByHost:
    """The outlets of a run by their hosts; `www.` makes no difference."""

    def __init__(self, outlets: Mapping[str, Outlet]) -> None:
        self._outlets = {host.lower().removeprefix("www."): outlet for outlet in outlets.values() for host in outlet.hosts}

    def of(self, host: str) -> Outlet | None:
        """The outlet of a host."""
        return self._outlets.get(host.removeprefix("www."))

    def of_address(self, address: str) -> Outlet | None:
        """The outlet of an address; None too for what is no http(s) address."""
        try:
            return self.of(address_host(address))
        except InputError:
            return None

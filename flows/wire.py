"""Values on their way to a process and back: pickled, with frozen records as their fields.

What dataclasses do by themselves for frozen records with slots asks for the list of fields of each record, twice: of a page's 60 records
that took most of the time of handing over a result.
"""

from __future__ import annotations

import copyreg
import io
import pickle
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from multiprocessing.connection import Connection
from operator import attrgetter
from typing import Any

_Reduced = tuple[Callable[..., Any], tuple[Any, ...]]


class _Reducers(dict[type, Callable[[Any], Any]]):
    """How to take records apart, by class; pickle asks here first, and takes a KeyError for `as you always do`."""

    def __missing__(self, kind: type) -> Callable[[Any], Any]:
        reducer = _reducer(kind) if is_dataclass(kind) and all(one.init for one in fields(kind)) else copyreg.dispatch_table[kind]
        self[kind] = reducer
        return reducer


def _reducer(kind: type) -> Callable[[Any], _Reduced]:
    names = [one.name for one in fields(kind)]
    if len(names) == 1:  # of one name attrgetter gives the value, not a tuple
        (only,) = names
        return lambda record: (kind, (getattr(record, only),))
    values = attrgetter(*names) if names else lambda _: ()
    return lambda record: (kind, values(record))


_REDUCERS = _Reducers()


def send(pipe: Connection, value: object) -> None:
    """Send a value. A record is made again by its class, so what its class refuses does not arrive."""
    buffer = io.BytesIO()
    pickler = pickle.Pickler(buffer, pickle.HIGHEST_PROTOCOL)
    pickler.dispatch_table = _REDUCERS
    pickler.dump(value)
    pipe.send_bytes(buffer.getbuffer())


def receive(pipe: Connection) -> Any:
    """The next value. EOFError when the other end is closed."""
    return pickle.loads(pipe.recv_bytes())

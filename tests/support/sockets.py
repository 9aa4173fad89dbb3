"""Keeps the tests on this machine: a connection to anywhere else is refused before it is tried."""

import ipaddress
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest


class OutsideWorld(RuntimeError):
    """A test tried to talk to another machine."""


def is_local(host: object) -> bool:
    """Say whether `host` is this machine: a loopback name or address, or nothing at all."""
    if host in (None, "", "localhost", b"localhost"):
        return True
    try:
        return ipaddress.ip_address(str(host).split("%")[0]).is_loopback
    except ValueError:
        return False


def _refuse_outside(host: object) -> None:
    if not is_local(host):
        raise OutsideWorld(f"tests stay on this machine, but something wanted {host!r}")


@contextmanager
def only_loopback() -> Iterator[None]:
    """Refuse look-ups of and connections to other machines; sockets that are files stay open."""
    real_connect, real_connect_ex, real_lookup = socket.socket.connect, socket.socket.connect_ex, socket.getaddrinfo

    def connect(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6):
            _refuse_outside(address[0])
        real_connect(self, address)

    def connect_ex(self: socket.socket, address: Any) -> int:
        if self.family in (socket.AF_INET, socket.AF_INET6):
            _refuse_outside(address[0])
        return real_connect_ex(self, address)

    def getaddrinfo(host: Any, *args: Any, **options: Any) -> Any:
        _refuse_outside(host)
        return real_lookup(host, *args, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", connect)
        patch.setattr(socket.socket, "connect_ex", connect_ex)
        patch.setattr(socket, "getaddrinfo", getaddrinfo)
        yield

"""Closed-loop load over kept-alive connections: the next request leaves when the answer is there."""

import itertools
import socket
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

from bench.crew import Crew, wait_until
from bench.requests import BODY_LENGTH, Target, requests

CONNECTIONS = 8
Taken = tuple[list[float], int]


@dataclass(frozen=True)
class Cell:
    """What one measurement gave: answers a second and milliseconds."""

    per_second: float
    p50: float
    p99: float
    failures: int

    @classmethod
    def of(cls, times: list[float], seconds: float, failures: int) -> Self:
        """Return the figures for how long each answer took, in seconds."""
        times = sorted(times) or [0.0]
        middle, tail = statistics.median(times), times[int(len(times) * 0.99)]
        return cls(len(times) / seconds, middle * 1000, tail * 1000, failures)


def measure(crew: Crew, target: Target, seconds: float) -> Cell:
    """Ask for a target over 8 connections for so long. Raises OSError when it stops answering."""
    parts = crew.run(ask, [(target, seconds)] * CONNECTIONS)
    times = list(itertools.chain.from_iterable(taken for taken, _ in parts))
    return Cell.of(times, seconds, sum(failed for _, failed in parts))


def ask(starts_at: float, target: Target, seconds: float) -> Taken:
    """Ask over one connection; return the seconds each answer took and how many were not as expected."""
    coming = requests(target)
    first = next(coming)
    with socket.create_connection(("127.0.0.1", target.port), timeout=30) as connection:
        wait_until(starts_at)
        return _loop(connection, itertools.chain([first], coming), target.status, seconds)


def _loop(connection: socket.socket, coming: Iterator[bytes], status: int, seconds: float) -> Taken:
    expected = f"HTTP/1.1 {status}".encode()
    times: list[float] = []
    failures = 0
    end = time.perf_counter() + seconds
    for request in coming:
        began = time.perf_counter()
        if began >= end:
            break
        connection.sendall(request)
        head = _answer(connection)
        times.append(time.perf_counter() - began)
        failures += not head.startswith(expected)
    return times, failures


def _answer(connection: socket.socket) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data:
        data += _more(connection)
    head, _, body = data.partition(b"\r\n\r\n")
    found = BODY_LENGTH.search(head)
    left = (int(found[1]) if found else 0) - len(body)
    while left > 0:
        left -= len(_more(connection))
    return head


def _more(connection: socket.socket) -> bytes:
    part = connection.recv(65536)
    if not part:
        raise ConnectionError("the server closed the connection")
    return part

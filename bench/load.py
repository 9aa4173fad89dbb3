"""Closed-loop load over kept-alive connections, from processes of its own."""

import http.client
import itertools
import multiprocessing
import re
import secrets
import socket
import statistics
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from multiprocessing.pool import Pool
from typing import Any
from urllib.parse import urlencode

PROCESSES = 2
CONNECTIONS = 4
_LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)


@dataclass(frozen=True)
class Cell:
    """What one measurement gave: answers a second and milliseconds."""

    per_second: float
    p50: float
    p99: float
    failures: int


@dataclass(frozen=True)
class Target:
    """Something to ask for: where, and with what status it should answer."""

    name: str
    port: int
    path: str
    status: int = 200
    posts: bool = False
    cookie: str = ""


def askers() -> Pool:
    """Return the processes that ask; starting them takes longer than a short measurement, so many may share them."""
    return multiprocessing.get_context("spawn").Pool(PROCESSES)


def measure(target: Target, seconds: float, pool: Pool | None = None) -> Cell:
    """Ask for a target with 8 connections for so long, from processes of its own or those of a `pool`."""
    with nullcontext(pool) if pool else askers() as asking:
        parts = asking.starmap(_run, [(target, seconds)] * PROCESSES, chunksize=1)
    times = sorted(itertools.chain.from_iterable(taken for taken, _ in parts))
    if not times:
        return Cell(0, 0, 0, sum(failed for _, failed in parts))
    return Cell(
        len(times) / seconds,
        statistics.median(times) * 1000,
        times[int(len(times) * 0.99)] * 1000,
        sum(failed for _, failed in parts),
    )


def median(found: Sequence[Cell]) -> Cell:
    """Return the medians over several rounds, and all their failures."""
    rates, halves, tails = zip(*((cell.per_second, cell.p50, cell.p99) for cell in found), strict=True)
    middle = (statistics.median(rates), statistics.median(halves), statistics.median(tails))
    return Cell(*middle, sum(cell.failures for cell in found))


def _run(target: Target, seconds: float) -> tuple[list[float], int]:
    results: list[tuple[list[float], int]] = []

    def connection() -> None:
        results.append(_loop(target, seconds))

    threads = [threading.Thread(target=connection) for _ in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [t for taken, _ in results for t in taken], sum(failed for _, failed in results)


def _loop(target: Target, seconds: float) -> tuple[list[float], int]:
    requests = _posts(target) if target.posts else itertools.repeat(_get(target))
    expected = f"HTTP/1.1 {target.status}".encode()
    times: list[float] = []
    failures = 0
    with socket.create_connection(("127.0.0.1", target.port), timeout=30) as connection:
        end = time.perf_counter() + seconds
        for request in requests:
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
    found = _LENGTH.search(head)
    left = (int(found[1]) if found else 0) - len(body)
    while left > 0:
        left -= len(_more(connection))
    return head


def _more(connection: socket.socket) -> bytes:
    part = connection.recv(65536)
    if not part:
        raise ConnectionError("the server closed the connection")
    return part


def _get(target: Target) -> bytes:
    lines = [f"GET {target.path} HTTP/1.1", "Host: crowdfund.example", "X-Forwarded-For: 192.0.2.1"]
    if target.cookie:
        lines += ["X-Forwarded-Proto: https", f"Cookie: {target.cookie}"]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def _posts(target: Target) -> Iterator[bytes]:
    """Yield posts of the amount form, each a new pledge from a new address, in one browser session."""
    cookie, token = _form(target)
    draw: Callable[[int], str] = secrets.token_hex
    while True:
        body = urlencode({"csrf_token": token, "choice": "2500", "token": draw(13)})
        address = ".".join(str(secrets.randbelow(250) + 1) for _ in range(4))
        yield (
            f"POST {target.path} HTTP/1.1\r\nHost: crowdfund.example\r\nX-Forwarded-For: {address}\r\n"
            f"X-Forwarded-Proto: https\r\nCookie: {cookie}\r\nContent-Type: application/x-www-form-urlencoded\r\n"
            f"Content-Length: {len(body)}\r\n\r\n{body}"
        ).encode()


def _form(target: Target) -> tuple[str, str]:
    connection = http.client.HTTPConnection("127.0.0.1", target.port)
    connection.request("GET", target.path, headers={"Host": "crowdfund.example", "X-Forwarded-Proto": "https"})
    reply: Any = connection.getresponse()
    text = reply.read().decode()
    cookies = "; ".join(value.split(";")[0] for value in reply.headers.get_all("Set-Cookie") or [])
    found = re.search(r'name="csrf_token" value="([^"]+)"', text)
    assert found, text[:500]
    return cookies, found[1]

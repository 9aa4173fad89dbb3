"""What browsers send: pages, polls of the progress panel, and the form that starts a pledge."""

import http.client
import itertools
import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlencode

HOST = "crowdfund.example"
BODY_LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)
_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
_SEEN = re.compile(r"seen=([^\"&]+)")


@dataclass(frozen=True)
class Target:
    """Something to ask for: where, in turn, and with what status it should answer."""

    name: str
    port: int
    paths: tuple[str, ...]
    status: int = 200
    posts: bool = False
    polls: bool = False


def requests(target: Target) -> Iterator[bytes]:
    """Yield requests for the target for ever."""
    return _posts(target) if target.posts else itertools.cycle([_get(path, target.polls) for path in target.paths])


def seen_token(port: int, path: str) -> str:
    """Return what a page that watches says it has seen last."""
    _, text = _read(port, path)
    found = _SEEN.search(text)
    assert found, f"{path} has no address to poll: {text[:300]}"
    return found[1]


def _get(path: str, polls: bool) -> bytes:
    asked = "HX-Request: true\r\n" if polls else ""
    return f"GET {path} HTTP/1.1\r\nHost: {HOST}\r\nX-Forwarded-For: 192.0.2.1\r\n{asked}\r\n".encode()


def _posts(target: Target) -> Iterator[bytes]:
    # Each is a new pledge from a new address, so that the limits of one visitor do not bite.
    cookies, text = _read(target.port, target.paths[0])
    found = _TOKEN.search(text)
    assert found, f"{target.paths[0]} has no form: {text[:300]}"
    for path in itertools.cycle(target.paths):
        body = urlencode({"csrf_token": found[1], "choice": "2500", "token": secrets.token_hex(13)})
        address = ".".join(str(secrets.randbelow(250) + 1) for _ in range(4))
        yield (
            f"POST {path} HTTP/1.1\r\nHost: {HOST}\r\nX-Forwarded-For: {address}\r\nX-Forwarded-Proto: https\r\n"
            f"Cookie: {cookies}\r\nContent-Type: application/x-www-form-urlencoded\r\n"
            f"Content-Length: {len(body)}\r\n\r\n{body}"
        ).encode()


def _read(port: int, path: str) -> tuple[str, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", path, headers={"Host": HOST, "X-Forwarded-Proto": "https"})
    reply = connection.getresponse()
    text = reply.read().decode()
    connection.close()
    cookies = "; ".join(value.split(";")[0] for value in reply.headers.get_all("Set-Cookie") or [])
    return cookies, text

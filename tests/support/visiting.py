"""A browser without JavaScript in front of a real web process: real connections, which break when the process dies."""

from typing import Any
from urllib.parse import urljoin

import requests

from tests.support.form_filling import fill, find_form
from tests.support.markup import parse


class Broken(Exception):
    """The connection ended without an answer."""


class Visitor:
    """Follows links and fills forms at an address on this machine."""

    def __init__(self, address: str, cookie: str = "") -> None:
        self.address = address
        self._session = requests.Session()
        self._session.trust_env = False
        if cookie:
            self._session.cookies.set("visit", cookie)

    def get(self, path: str) -> requests.Response:
        """Open a page. Raises Broken."""
        return self._send("get", urljoin(self.address, path))

    def submit(self, page: requests.Response, form: str | None = None, **typed: Any) -> requests.Response:
        """Fill the page's form and press its button. Raises Broken."""
        filled = fill(find_form(parse(page.text), form), typed)
        target = urljoin(page.url, filled.action or page.url)
        return self._send("post", target, data=filled.data, headers={"Origin": self.address})

    def close(self) -> None:
        """Close the browser."""
        self._session.close()

    def _send(self, method: str, url: str, **what: Any) -> requests.Response:
        try:
            return self._session.request(method, url, timeout=30, **what)
        except requests.ConnectionError as error:
            raise Broken(url) from error

"""A person at a browser, who does what the pages ask."""

from __future__ import annotations

import html
import re
import ssl
from pathlib import Path

import httpx

HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')
ACTION = re.compile(r'<form method="post" action="([^"]+)">')


class Person:
    """Chooses the user with that id, whatever page comes."""

    def __init__(self, user_id: str, authority: Path) -> None:
        self._user_id = user_id
        self._trusted = ssl.create_default_context(cafile=authority)

    def sign_in(self, address: str) -> None:
        """Open the page a client asks for, choose, and go where that leads."""
        with self._browser() as browser:
            page = browser.get(address)
            answered = _send(browser, address, page, user=self._user_id)
            target = ACTION.search(answered.text)
            if target is not None:
                browser.post(html.unescape(target[1]), data=_hidden(answered))

    def let_in(self, address: str, user_code: str) -> None:
        """Type the code of a device, and choose."""
        with self._browser() as browser:
            people = _send(browser, address, browser.get(address), user_code=user_code)
            done = _send(browser, address, people, user=self._user_id)
            assert "Signed in" in done.text, done.text

    def _browser(self) -> httpx.Client:
        return httpx.Client(verify=self._trusted, follow_redirects=True)


def _send(browser: httpx.Client, address: str, page: httpx.Response, **answer: str) -> httpx.Response:
    assert 200 == page.status_code, page.text
    return browser.post(address, data={**_hidden(page), **answer}, headers={"Origin": _origin(address)})


def _origin(address: str) -> str:
    url = httpx.URL(address)
    return f"{url.scheme}://{url.netloc.decode()}"


def _hidden(page: httpx.Response) -> dict[str, str]:
    return {name: html.unescape(value) for name, value in HIDDEN.findall(page.text)}

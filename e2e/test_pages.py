"""Every page in every state has a name, a shape that can be walked, and a weight that a slow phone can carry."""

import gzip
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, Response

from e2e.scene import Who
from e2e.scenes import SCENES, Visit
from e2e.stage import Stage

KB = 1024
FIRST_VISITS = ("home", "list", "project: many backers, news", "backers", "amount", "you", "check", "pledge: active")
SHAPE = """() => {
  const all = what => [...document.querySelectorAll(what)];
  const told = name => all(`[${name}]`).flatMap(one => one.getAttribute(name).split(' '));
  const ids = all('[id]').map(one => one.id);
  const pointers = [...all('a[href^="#"]').map(one => one.hash.slice(1)), ...all('label').map(one => one.htmlFor),
    ...told('aria-describedby'), ...told('aria-labelledby')];
  return {
    lang: document.documentElement.lang,
    h1: all('h1').map(one => one.innerText.trim()),
    landmarks: ['header', 'nav', 'main', 'footer'].filter(name => !all(name).length),
    mains: all('main').length,
    first: all('a')[0]?.getAttribute('href'),
    help: all('footer')[0]?.innerText.includes('01622 000000'),
    statement: all('footer a[href="/accessibility"]').length === 1,
    inline: all('script:not([src]), style, [style], [onclick], [onload], [onerror]').length,
    dead: pointers.filter(id => id && !ids.includes(id)),
    twice: ids.filter((id, at) => ids.indexOf(id) !== at),
  };
}"""
# htmx notes where the tab is, for its Back button, until the tab is closed.
KEPT = """() => ({ local: localStorage.length,
  session: Object.keys(sessionStorage).filter(key => key !== 'htmx-current-path-for-history').length,
  databases: window.databasesOpened, readable_cookies: document.cookie })"""


def test_it_has_a_name_and_a_shape(visit: Visit) -> None:
    shape = visit.page.evaluate(SHAPE)
    title = visit.page.title()
    assert len(shape["h1"]) == 1
    assert shape["lang"] == "en-GB"
    assert (shape["mains"], shape["inline"], shape["dead"], shape["twice"]) == (1, 0, [], [])
    assert title.startswith("Error: ") is visit.scene.wrong
    if visit.scene.elsewhere:
        assert title.endswith(" – Stand-in for Stripe")
        return
    assert title.endswith(" – Crowdfund Kent")
    assert shape["landmarks"] == []
    assert (shape["first"], shape["help"], shape["statement"]) == ("#main", True, True)


def test_it_keeps_nothing_in_the_browser(visit: Visit) -> None:
    kept = visit.page.evaluate(KEPT)
    assert kept == {"local": 0, "session": 0, "databases": 0, "readable_cookies": ""}
    cookies = {one["name"]: one for one in visit.page.context.cookies()}
    assert set(cookies) <= {"visit", "form"}


def test_titles_tell_pages_apart(page: Page, stage: Stage) -> None:
    town = stage.build()
    titles: dict[str, set[str]] = {}
    for scene in SCENES.values():
        if not (
            scene.steps
            or scene.refused
            or scene.who is not Who.HOLDER
            or re.search("pledge |mail|link|off", scene.address)
        ):
            scene.reach(page, town.addresses)
            titles.setdefault(page.title(), set()).add(re.split("[?](?:q|district|match)=", page.url)[0])
    assert [pages for pages in titles.values() if len(pages) > 1] == []


@pytest.mark.parametrize("name", FIRST_VISITS)
def test_a_first_visit_is_light(name: str, context: BrowserContext, stage: Stage) -> None:
    town = stage.build()
    context.add_cookies([stage.cookie(town.tokens[Who.HOLDER])])
    page = context.new_page()
    answers: list[Response] = []

    def on_response(answer: Response) -> None:
        answers.append(answer)

    page.on("response", on_response)
    SCENES[name].reach(page, town.addresses)
    page.wait_for_load_state("networkidle")
    weights = _weigh(answers)
    assert weights["document"] <= 40 * KB
    assert weights["stylesheet"] <= 25 * KB
    assert weights["script"] <= 25 * KB
    assert weights["font"] <= 75 * KB
    assert sum(weights.values()) <= 150 * KB
    assert len(answers) <= 30


@pytest.fixture
def cookies_of() -> Callable[[Page], dict[str, dict[str, object]]]:
    """`cookies_of(page)` are its cookies by name."""
    return lambda page: {one["name"]: dict(one) for one in page.context.cookies()}


def test_cookies_are_out_of_reach_of_scripts(
    page: Page, stage: Stage, cookies_of: Callable[[Page], dict[str, dict[str, object]]]
) -> None:
    page.goto(stage.build().addresses["project many"])
    assert cookies_of(page) == {}
    SCENES["amount"].reach(page, stage.build().addresses)
    page.get_by_label("£5", exact=True).check()
    page.get_by_role("button", name="Continue").click()
    page.wait_for_url("**/you")
    kept = cookies_of(page)
    assert set(kept) == {"form", "visit"}
    assert {(one["httpOnly"], one["sameSite"]) for one in kept.values()} == {(True, "Lax")}


def _weigh(answers: list[Response]) -> dict[str, int]:
    """Return bytes on the way by kind, text compressed, pictures left out; a document weighs what it is unpacked."""
    weights = {"document": 0, "stylesheet": 0, "script": 0, "font": 0}
    for answer in answers:
        kind = answer.request.resource_type
        if kind in weights and answer.ok:
            body = answer.body()
            weights[kind] += len(body) if kind in {"document", "font"} else len(gzip.compress(body, 9))
    return weights

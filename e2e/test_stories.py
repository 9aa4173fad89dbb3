"""Whatever people write is shown as words: no script of theirs runs, and their markup asks for nothing."""

from urllib.parse import urljoin

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from crowdfund.accounts.models import Person
from crowdfund.core import clock
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.projects.actions import Line, post_update
from crowdfund.projects.rules import LineKind
from tests.support.factories import TESTER, make_person, make_pledge, make_project

ATTACKS = (
    "<script>window.ran = 1</script>",
    "<img src=x onerror='window.ran = 1'>",
    "<svg/onload=window.ran=1>",
    "<body onload=window.ran=1>",
    "<iframe srcdoc='<script>parent.ran = 1</script>'></iframe>",
    "<details open ontoggle=window.ran=1><summary>x</summary></details>",
    "<div hx-get='/evil' hx-trigger='load'>x</div>",
    "<div data-hx-get='/evil' data-hx-trigger='load'>x</div>",
    "<div hx-on::load='window.ran = 1' hx-on:click='window.ran = 1'>x</div>",
    "<form action='/evil' hx-post='/evil' hx-trigger='load'><button>x</button></form>",
    "<link rel=stylesheet href=/evil.css><style>body { display: none }</style>",
    "<meta http-equiv=refresh content='0;url=/evil'><base href=/evil/>",
    "[press](javascript:window.ran=1) [press](JaVaScRiPt:window.ran=1) [press](&#106;avascript:window.ran=1)",
    "[press](data:text/html,<script>window.ran=1</script>) [press](vbscript:x)",
    "![picture](/evil.png) ![x](https://evil.example/a.png) ![x](x' onerror='window.ran=1)",
    '<javascript:window.ran=1> <https://evil.example/"onmouseover=window.ran=1>',
    '[a](<https://evil.example/" onclick="window.ran=1>)',
    "[a]: javascript:window.ran=1\n\n[a]",
    "`<img src=x onerror=window.ran=1>`",
    "```html\n<img src=x onerror=window.ran=1>\n```",
    "<<script>script>window.ran=1<</script>/script>",
    "<a id=main href=/evil>x</a><p id=live class=hero style='position:fixed'>x</p>",
    "<noscript><p title='</noscript><img src=x onerror=window.ran=1>'></noscript>",
    "<math><mi//xlink:href='data:x,<script>window.ran=1</script>'>",
    "&lt;script&gt;window.ran=1&lt;/script&gt; &#60;img src=x onerror=window.ran=1&#62;",
    "{{ 7 * 7 }} {% include '/etc/passwd' %} ${window.ran=1}",
    "\u202egnp.exe\u0000<scr\u0000ipt>window.ran=1</scr\u0000ipt>",
)
SHORT = "<img src=x onerror=window.ran=1> <b hx-get=/evil hx-trigger=load>"
# What a story may be made of; anything else in it came from a writer's markup.
FOREIGN = """() => [...document.querySelectorAll('.project__story *, .update *')].filter(node =>
  !node.matches('h2, h3, h4, h5, p, strong, em, ul, ol, li, blockquote, a, br, hr, .update__when')
  || [...node.attributes].some(one => !['href', 'rel', 'class'].includes(one.name))
  || (node.matches('a[href]') && !/^(https?|mailto):/.test(node.href))).map(node => node.outerHTML.slice(0, 120))"""


@pytest.fixture
def address(app: Flask) -> str:
    """The page of a group that writes nothing but attacks, with such a backer."""
    with app.app_context():
        now = clock.now()
        lines = (Line(LineKind.COST, SHORT, 100_000), Line(LineKind.HELP_WANTED, SHORT))
        words = dict.fromkeys(("title", "aim", "place", "picture_alt", "if_too_little", "risks"), SHORT)
        group = {"name": SHORT, "about": SHORT, "town": SHORT}
        project = make_project(now, story="\n\n".join(ATTACKS), lines=lines, group=group, **words)
        person: Person = make_person(now, name=SHORT)
        make_pledge(project, now, person=person, message=SHORT)
        with unit_of_work() as session:
            post_update(session, project.id, SHORT, "\n\n".join(ATTACKS), actor=TESTER, now=now)
        return f"/projects/{project.slug}"


def _asks_for_nothing(page: Page, address: str) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(address)
    page.wait_for_load_state("networkidle")
    ours = urljoin(page.url, "/static/")
    assert [url for url in asked if url != page.url and not url.startswith(ours)] == []
    assert page.evaluate("window.ran") is None


@pytest.mark.parametrize("where", ["", "/backers", "/pledge", "/concern"])
def test_what_people_write_does_nothing(page: Page, address: str, where: str) -> None:
    _asks_for_nothing(page, address + where)
    expect(page.get_by_role("heading", level=1)).to_be_visible()


def test_a_story_is_words_and_harmless_tags(page: Page, address: str) -> None:
    _asks_for_nothing(page, address)
    assert page.evaluate(FOREIGN) == []
    expect(page.locator(".project__story")).to_contain_text("<script>window.ran = 1</script>")
    for link in page.locator(".project__story").get_by_role("link").all():
        link.hover()
        assert "nofollow" in (link.get_attribute("rel") or "")
    assert page.evaluate("window.ran") is None


def test_lists_and_searches_show_words_too(page: Page, address: str) -> None:
    for place in ("/", "/projects", "/projects?q=%3Cimg+src%3Dx+onerror%3Dwindow.ran%3D1%3E&status=all"):
        _asks_for_nothing(page, place)
    expect(page.get_by_role("list", name="Active filters")).to_contain_text("<img src=x onerror=window.ran=1>")

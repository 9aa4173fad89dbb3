"""People's stories become a few harmless tags; nothing in them can run, load, or speak to htmx."""

import re

import pytest
from bs4 import BeautifulSoup

from crowdfund.web.markdown import story_html

ALLOWED = {"p", "h2", "h3", "h4", "h5", "strong", "em", "ul", "ol", "li", "blockquote", "a", "br", "hr"}
PAYLOADS = (
    "<script>alert(1)</script>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<SCRIPT SRC=//x.example/x.js></SCRIPT>",
    "<img src=x onerror=alert(1)>",
    "![x](https://x.example/x.png)",
    "![x](javascript:alert(1))",
    "<svg onload=alert(1)><script>alert(1)</script></svg>",
    "<svg/onload=alert(1)//",
    "<math><mi xlink:href='javascript:alert(1)'>x</mi></math>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<object data=x></object><embed src=x>",
    "<div hx-get=/officers hx-trigger=load>x</div>",
    "<div data-hx-post='/x' data-hx-trigger='load'>x</div>",
    "<form action=/pledges><input name=x><button formaction=/y>x</button></form>",
    "<p style='position:fixed'>x</p><style>*{display:none}</style>",
    "<p id=main class=govuk-button onclick=alert(1)>x</p>",
    "<a href='javascript:alert(1)' onclick=alert(1)>x</a>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java&#x73;cript:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](\x01javascript:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](vbscript:x)",
    "[x](file:///etc/passwd)",
    "[x](https://a.example 'onmouseover=alert(1)')",
    '[x](https://a.example "\\" onmouseover=\\"alert(1)")',
    "[x]: javascript:alert(1)\n\n[x]",
    "<javascript:alert(1)>",
    "<https://a.example/\"onmouseover='alert(1)'>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;script&#62;alert(1)&#60;/script&#62;",
    "<!-- --><script>alert(1)</script><!-- -->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>",
    "<base href=//x.example><meta http-equiv=refresh content=0><link rel=stylesheet href=//x.example>",
    "```html\n<script>alert(1)</script>\n```",
    "`<img src=x onerror=alert(1)>`",
    "> - > <script>alert(1)</script>",
    "# <script>alert(1)</script>",
    "**<img src=x onerror=alert(1)>**",
    "\x00<script>alert(1)</script>",
    "<details open ontoggle=alert(1)>",
    "{{ 7 * 7 }} {% raw %}",
)


@pytest.mark.parametrize("payload", PAYLOADS)
@pytest.mark.parametrize("frame", ["{}", "> {}", "- {}", "Before {} after", "<div>\n\n{}\n\n</div>"])
def test_nothing_active_comes_out(payload: str, frame: str) -> None:
    page = BeautifulSoup(str(story_html(frame.format(payload))), "html5lib").body
    for tag in page.find_all(True):
        assert tag.name in ALLOWED
        assert set(tag.attrs) <= ({"href", "rel"} if tag.name == "a" else set())
        assert re.match(r"(https?://|mailto:)", tag.get("href", "https://"))


@pytest.mark.parametrize("payload", PAYLOADS)
def test_what_comes_out_is_a_fixed_form(payload: str) -> None:
    once = str(story_html(payload))
    page = BeautifulSoup(once, "html5lib").body.decode_contents()
    again = BeautifulSoup(page, "html5lib").body.decode_contents()
    assert again == page


def test_a_template_stays_text() -> None:
    assert "{{ 7 * 7 }}" in story_html("{{ 7 * 7 }}")


def test_a_story_keeps_its_shape() -> None:
    html = story_html(
        "# What\n\nWe *want* **this**:\n\n- one\n- two\n\n> said\n\n[a link](https://a.example/x?a=1&b=2)"
    )
    page = BeautifulSoup(str(html), "html5lib").body
    assert [tag.name for tag in page.find_all(True)] == [
        "h2",
        "p",
        "em",
        "strong",
        "ul",
        "li",
        "li",
        "blockquote",
        "p",
        "p",
        "a",
    ]
    assert page.a["href"] == "https://a.example/x?a=1&b=2"
    assert set(page.a["rel"]) == {"nofollow", "ugc", "noopener", "noreferrer"}


def test_headings_start_where_the_page_wants_them() -> None:
    levels = [
        tag.name for tag in BeautifulSoup(str(story_html("# a\n\n## b\n\n### c\n\n###### d", top=3)), "html5lib").body
    ]
    assert [name for name in levels if name and name.strip()] == ["h3", "h3", "h4", "h4"]


def test_a_huge_story_takes_no_time() -> None:
    assert story_html("[" * 500 + "*" * 500 + ">" * 500)

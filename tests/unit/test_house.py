"""Every house rule trips on a page that breaks it, and a good page passes them all."""

import re

import pytest

from tests.support.house import ANYWHERE, ON_PAGES, check_page

TOKEN = '<input type="hidden" name="csrf_token" value="t">'
FORM = f"""<form action="/save" method="post">{TOKEN}
<label for="amount">Amount</label><p id="amount-hint">In pounds</p>
<input id="amount" name="amount" aria-describedby="amount-hint">
<fieldset><legend>Shown as</legend>
<label><input type="radio" name="shown" value="name" checked> My name</label>
<label><input type="radio" name="shown" value="hidden"> Nobody</label></fieldset>
<button>Save</button></form>"""
SEARCH = """<form action="/projects" method="get" hx-get="/projects" hx-trigger="change" hx-target="#results">
<label for="q">Search</label><input id="q" name="q" type="search"><button>Search</button></form>
<div id="results"></div>"""


def page(body: str = "", *, title: str = "Projects – Crowdfund Kent", heading: str = "<h1>Projects</h1>") -> str:
    return f"""<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<link rel="stylesheet" href="/static/css/site.css"><script src="/static/js/app.js" defer></script></head>
<body><main>{heading}{body}</main></body></html>"""


GOOD = page(
    f"""<h2>Near you</h2><p>None of these costs you anything. <a href="/help">Help</a></p>{FORM}{SEARCH}
<img src="/static/a.svg" alt="" width="3" height="2"><a href="https://example.org/about">The group's own page</a>
<div data-poll hx-get="/progress" hx-trigger="every 15s" hx-swap="outerHTML">£5</div>
<svg viewBox="0 0 1 1" aria-hidden="true"><title>A map</title><path d="M0 0"></path></svg>
<table><caption>Costs</caption><thead><tr><td></td><th scope="col">Cost</th></tr></thead></table>"""
)

BROKEN = [
    ("BadMarkup", page("<p><div></p>")),
    ("BadMarkup", page("<a href=/x>one<a href=/y>two</a></a>")),
    ("BadMarkup", "<html><body>no doctype</body></html>"),
    ("one_main_heading", page("<h1>Another</h1>")),
    ("one_main_heading", page(heading="<h2>Only this</h2>")),
    ("one_main_heading", page().replace("main>", "div>")),
    ("says_its_language", page().replace(' lang="en"', "")),
    ("title_pattern", page(title="Crowdfund Kent")),
    ("title_pattern", page(title="")),
    ("title_pattern", page('<div class="govuk-error-summary"><h2>There is a problem</h2></div>')),
    ("title_pattern", page(title="Error: Pledge – Crowdfund Kent")),
    ("headings_start_high", page("<h1>Late</h1>", heading="<h3>Early</h3>")),
    ("unique_ids", page('<p id="a"></p><p id="a"></p>')),
    ("unique_ids", page('<p id="a b"></p>')),
    ("references_exist", page('<p aria-describedby="gone">x</p>')),
    ("references_exist", page('<section aria-labelledby="gone"></section>')),
    ("references_exist", page('<label for="gone">x</label>')),
    ("fragment_links_exist", page('<a href="#gone">x</a>')),
    ("nothing_inline", page('<p style="color: red">x</p>')),
    ("nothing_inline", page('<p onclick="x()">x</p>')),
    ("nothing_inline", page("<script>x()</script>")),
    ("nothing_inline", page("<svg><style>p{}</style></svg>")),
    ("nothing_foreign", page('<img src="https://elsewhere.example/a.png" alt="" width="1" height="1">')),
    ("nothing_foreign", page('<script src="//elsewhere.example/a.js"></script>')),
    ("nothing_foreign", page('<a href="javascript:x()">x</a>')),
    ("pictures_are_described", page('<img src="/a.png" width="1" height="1">')),
    ("pictures_are_described", page('<img src="/a.png" alt="An oast house">')),
    ("links_and_buttons_speak", page('<a href="/x"></a>')),
    ("links_and_buttons_speak", page('<a href="#">x</a>')),
    ("links_and_buttons_speak", page("<a>x</a>")),
    ("links_and_buttons_speak", page("<h2> </h2>")),
    ("links_and_buttons_speak", page('<a href="/x"><img src="/a.png" alt="" width="1" height="1"></a>')),
    ("headings_do_not_skip", page("<h3>Too deep</h3>")),
    ("nothing_unrendered", page("<p>None</p>")),
    ("nothing_unrendered", page("<p>£None raised</p>")),
    ("nothing_unrendered", page("<p>{{ amount }}</p>")),
    ("nothing_unrendered", page('<a href="None">x</a>')),
    ("nothing_unrendered", page("<p>&lt;crowdfund.Project object at 0x1&gt;</p>")),
    ("forms_say_where_they_go", page(FORM.replace(' action="/save"', ""))),
    ("forms_say_where_they_go", page(FORM.replace(' method="post"', ""))),
    ("forms_say_where_they_go", page(FORM.replace(TOKEN, ""))),
    ("forms_say_where_they_go", page(FORM.replace('"post"', '"get"'))),
    ("forms_can_be_sent", page(FORM.replace("<button>Save</button>", ""))),
    ("fields_have_labels", page(FORM.replace('<label for="amount">Amount</label>', ""))),
    ("fields_have_labels", page(FORM.replace(">Amount<", "> <"))),
    ("fields_have_names", page(FORM.replace('name="amount"', 'type="number"'))),
    ("choices_have_a_question", page(re.sub("</?fieldset>|<legend>.*</legend>", "", FORM))),
    ("only_known_attributes", page('<p hx-on:click="x()">x</p>')),
    ("only_known_attributes", page(SEARCH.replace("hx-get", "data-hx-get"))),
    ("only_known_attributes", page('<a href="/x" hx-delete="/x">x</a>')),
    ("only_known_attributes", page('<div hx-boost="true"></div>')),
    ("nothing_evaluated", page(SEARCH.replace('hx-trigger="change"', 'hx-trigger="change[x]"'))),
    ("nothing_evaluated", page('<div hx-headers="js:{x: 1}"></div>')),
    ("asks_from_real_controls", page('<div hx-get="/x">x</div>')),
    ("asks_from_real_controls", page('<button hx-post="/x">x</button>')),
    ("asks_from_real_controls", page('<a href="/x" hx-post="/x">x</a>')),
    ("asks_from_real_controls", page('<div data-poll hx-post="/x">x</div>')),
    ("asks_from_real_controls", page('<div hx-target="this">x</div>')),
    ("asks_from_real_controls", page(SEARCH.replace("hx-get", "hx-post"))),
    ("asks_this_service", page(SEARCH.replace('hx-get="/', 'hx-get="https://elsewhere.example/'))),
    ("attributes_in_order", page('<a href="/x" hx-swap="innerHTML" hx-get="/x">x</a>')),
    ("targets_exist", page(SEARCH.replace('<div id="results"></div>', ""))),
]


def test_a_good_page_passes() -> None:
    check_page(GOOD, "/projects", 200)


@pytest.mark.parametrize(("rule", "text"), BROKEN, ids=[f"{rule}-{i}" for i, (rule, _) in enumerate(BROKEN)])
def test_a_broken_rule_is_named(rule: str, text: str) -> None:
    expected = r"^/here \(422\): not valid HTML" if rule == "BadMarkup" else rf"^/here \(422\)(.|\n)*\[{rule}\]"
    with pytest.raises(AssertionError, match=expected):
        check_page(text, "/here", 422)


def test_every_rule_has_a_page_that_breaks_it() -> None:
    assert {rule.__name__ for rule in ON_PAGES} <= {name for name, _ in BROKEN}


def test_a_message_points_at_the_place() -> None:
    with pytest.raises(AssertionError, match=r"the picture lacks alt: <img src=\"/a.png\""):
        check_page(page('<img src="/a.png" width="1" height="1">'), "/here")
    with pytest.raises(AssertionError, match="at line 3"):
        check_page(page("<p><div></p>"), "/here")


@pytest.mark.parametrize(
    "text",
    ["<tr><td>£5</td></tr>", "<p hx-swap-oob='true'>£5</p><p>two</p>", "<option>Ashford</option>", "<h4>Deep</h4>"],
)
def test_a_fragment_is_judged_as_part_of_a_page(text: str) -> None:
    check_page(text, "/row", full_page=False)


def test_a_fragment_may_point_outside_itself_but_keeps_the_other_rules() -> None:
    check_page('<p aria-describedby="elsewhere">x</p>', "/part", full_page=False)
    with pytest.raises(AssertionError, match="nothing_inline"):
        check_page('<p style="color: red">x</p>', "/part", full_page=False)
    assert set(ANYWHERE) < set(ON_PAGES)

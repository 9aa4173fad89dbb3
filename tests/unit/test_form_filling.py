"""Forms are filled as a person could: hidden fields go along, and only what is offered can be chosen."""

import pytest

from tests.support.form_filling import fill, find_form
from tests.support.markup import parse

PAGE = parse(
    """<form action="/a" method="post" id="first"><input type="hidden" name="csrf_token" value="t">
<input name="title" value="Old"><input name="off" disabled value="x"><textarea name="story">
one
two</textarea><select name="theme"><option value="art">Art</option><option selected>Sport</option></select>
<input type="radio" name="shown" value="name" checked><input type="radio" name="shown" value="hidden">
<input type="checkbox" name="news"><input type="checkbox" name="area" value="n" checked>
<input type="checkbox" name="area" value="s" checked><input type="file" name="photo">
<button name="go" value="save">Save</button><button name="go" value="send">Send</button></form>
<form action="/find" method="get" id="second"><input name="q"><button>Find</button></form>""",
    full_page=False,
)


def test_untouched_it_sends_what_a_browser_would() -> None:
    filled = fill(find_form(PAGE), {})
    assert (filled.method, filled.action) == ("post", "/a")
    assert filled.data == {
        "csrf_token": ["t"],
        "title": ["Old"],
        "story": ["one\r\ntwo"],
        "theme": ["Sport"],
        "shown": ["name"],
        "area": ["n", "s"],
        "go": ["save"],
    }


def test_changes_choose_type_tick_and_empty() -> None:
    changes = {"title": "New", "theme": "art", "shown": "hidden", "news": "on", "area": ["s"], "story": None}
    filled = fill(find_form(PAGE, "#first"), changes, button="Send")
    assert filled.data["title"] == ["New"]
    assert filled.data["theme"] == ["art"]
    assert filled.data["shown"] == ["hidden"]
    assert filled.data["news"] == ["on"]
    assert filled.data["area"] == ["s"]
    assert filled.data["story"] == []
    assert filled.data["go"] == ["send"]


@pytest.mark.parametrize("changes", [{"gone": "x"}, {"off": "x"}, {"theme": "opera"}, {"shown": "both"}])
def test_what_the_page_does_not_offer_cannot_be_sent(changes: dict[str, str]) -> None:
    with pytest.raises(AssertionError, match=r"has no field|does not offer"):
        fill(find_form(PAGE), changes)


def test_forms_are_found_by_id_and_by_action() -> None:
    assert find_form(PAGE, "#second") is find_form(PAGE, "/find")


def test_a_missing_form_or_button_lists_what_there_is() -> None:
    with pytest.raises(AssertionError, match='0 forms match #third; the page has\n<form action="/a"'):
        find_form(PAGE, "#third")
    with pytest.raises(AssertionError, match="no button says 'Delete'; the form has 'Save', 'Send'"):
        fill(find_form(PAGE), {}, button="Delete")

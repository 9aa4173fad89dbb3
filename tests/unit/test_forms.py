"""Fields take whatever is sent: cleaned text, amounts in pence, addresses; never an exception."""

from typing import Any

import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict

from crowdfund.core.errors import Refused
from crowdfund.web.forms import EmailField, Form, MoneyField, TextField, clean

app = Flask(__name__)
app.config.update(SECRET_KEY="x" * 32, WTF_CSRF_ENABLED=False)


class Sample(Form):
    """One field of each kind."""

    name = TextField("Your name", most=10, missing="Enter your name.")
    story = TextField("Your story", most=20, lines=True)
    amount = MoneyField("Amount")
    email = EmailField("E-mail", missing=None)


def sent(**typed: str) -> tuple[Any, bool]:
    """Return the form with these fields sent, and whether it is valid."""
    with app.test_request_context(method="POST"):
        form = Sample(MultiDict({"name": "Rosa"} | typed))
        return form, form.validate()


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Rosa  ", "Rosa"),
        ("Ro\x00sa", "Rosa"),
        ("a\r\nBcc: b", "aBcc: b"),
        ("a\tb\x1b[31m", "ab[31m"),
        ("\u202eevil\u2066", "evil"),
        ("\u200e\u200f", ""),
        ("e\u0301", "é"),
        ("🐑👩‍👩‍👧", "🐑👩‍👩‍👧"),
        ("سلام", "سلام"),
        ("\ud800", ""),
        ("\u0085x", "x"),
        ("\u200b\u2060\ufeff\u00ad", ""),
        ("\u200bRosa\ufeff", "Rosa"),
        ("", ""),
    ],
)
def test_text_is_cleaned(typed: str, kept: str) -> None:
    assert clean(typed, lines=False) == kept


def test_line_breaks_stay_where_they_belong() -> None:
    assert clean(" a\r\nb\rc\n\n", lines=True) == "a\nb\nc"
    assert clean("a\nb", lines=False) == "ab"


@pytest.mark.parametrize("typed", ["", "   ", "\x00", "\u200b", "\u202e"])
def test_nothing_to_see_is_nothing_typed(typed: str) -> None:
    form, valid = sent(name=typed)
    assert not valid
    assert form.name.errors == ["Enter your name."]


def test_a_missing_field_is_not_a_defect() -> None:
    with app.test_request_context(method="POST"):
        form = Sample(MultiDict())
        assert not form.validate()
    assert set(form.errors) == {"name"}


def test_too_long_is_said_and_kept() -> None:
    form, valid = sent(name="x" * 11)
    assert not valid
    assert form.name.errors == ["Your name must be 10 characters or fewer."]
    assert form.name.data == "x" * 11


def test_the_limit_counts_what_people_see() -> None:
    assert sent(name="é" * 10)[1]
    assert sent(name="e\u0301" * 10)[1]


@pytest.mark.parametrize(("typed", "pence"), [("25", 2500), ("£1,000.50", 100_050), ("", None), ("  ", None)])
def test_money_arrives_in_pence(typed: str, pence: int | None) -> None:
    form, valid = sent(amount=typed)
    assert valid
    assert form.amount.pence == pence


@pytest.mark.parametrize("typed", ["-5", "5.005", "abc", "1e9", "🐑", "9" * 30, "5" * 15, "٢٥", "<b>5</b>"])
def test_no_amount_is_said_beside_the_field(typed: str) -> None:
    form, valid = sent(amount=typed)
    assert not valid
    assert len(form.amount.errors) == 1
    assert form.amount.pence is None
    assert form.amount.data


@pytest.mark.parametrize("typed", ["a@b.example", "A.B+c@sub.b-c.example", "o'neil@example.org", ""])
def test_addresses_that_mail_can_reach(typed: str) -> None:
    assert sent(email=typed)[1]


@pytest.mark.parametrize(
    "typed",
    ["a", "a@b", "@b.example", "a@", "a b@c.example", "a@b..example", "a@-b.example", "a@b.example,c@d.example",
     "a.@b.example", ".a@b.example", "a@b_c.example", '"a"@b.example', "a@[127.0.0.1]", "é@b.example",
     "a" * 250 + "@b.example", "<a@b.example>", "a@b.example>", "a@b.example\ud800b"],
)  # fmt: skip
def test_addresses_that_it_cannot(typed: str) -> None:
    form, valid = sent(email=typed)
    if "\ud800" in typed:
        assert form.email.data == "a@b.exampleb"
    else:
        assert not valid
        assert len(form.email.errors) == 1


def test_a_refusal_lands_on_its_field_or_on_top() -> None:
    form, _ = sent()
    form.refuse(Refused("too_small", "Too small.", "amount"))
    form.refuse(Refused("closed", "Closed."))
    form.refuse(Refused("odd", "Odd.", "no_such_field"))
    assert form.amount.errors == ["Too small."]
    assert form.form_errors == ["Closed.", "Odd."]

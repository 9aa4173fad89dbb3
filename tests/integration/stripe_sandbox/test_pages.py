"""The pages people see: readable, honest, without script, and safe to get wrong."""

import html5lib
import pytest
import requests
from bs4 import BeautifulSoup

BANNER = "Stand-in for Stripe: no real card, no real money"


@pytest.fixture
def browse(sandbox):
    session = requests.Session()

    def ask(method, url, **more):
        response = session.request(method, url, timeout=5, allow_redirects=False, **more)
        policy = response.headers.get("Content-Security-Policy", "")
        if response.status_code != 303:
            html5lib.HTMLParser(strict=True).parse(response.text)
            assert BANNER in response.text
            assert "default-src 'none'; style-src 'self';" in policy
            assert "<script" not in response.text
            assert "style=" not in response.text
        return response

    yield ask
    session.close()


GOOD = {"number": "4242 4242 4242 4242", "expiry": "12/34", "cvc": "123", "name": "A Resident"}


def fields(page):
    soup = BeautifulSoup(page.text, "html.parser")
    return {field["name"]: field for field in soup.find_all("input") if field["type"] != "radio"}


def test_the_page_says_what_it_is_for_and_every_field_has_a_label(browse, open_session):
    page = browse("GET", open_session().url)
    soup = BeautifulSoup(page.text, "html.parser")
    assert soup.h1.text == "Save your card"
    assert "Nothing is taken today" in soup.text
    labelled = {label["for"] for label in soup.find_all("label") if label.get("for")}
    assert {field["id"] for field in fields(page).values()} == labelled == {"number", "expiry", "cvc", "name"}
    assert soup.find("a", string="Cancel and go back")["href"] == "http://site.test/back"
    assert page.headers["Content-Security-Policy"].endswith("form-action 'self' http://site.test")
    style = requests.get(page.url.split("/c/")[0] + "/style.css", timeout=5)
    assert style.headers["Content-Type"].startswith("text/css")


def test_a_payment_shows_its_amount(browse, open_session):
    page = browse("GET", open_session("payment", custom_text={"submit": {"message": "Thank you <b>"}}).url)
    assert "£25.00" in page.text
    assert "Pledge to A bench for the green" in page.text
    assert "Thank you &lt;b&gt;" in page.text


def test_a_card_is_typed_and_the_payer_comes_back(browse, v1, open_session):
    session = open_session()
    answer = browse("POST", session.url, data=GOOD)
    assert (answer.status_code, answer.headers["Location"]) == (303, f"http://site.test/done?session={session.id}")
    again = browse("GET", session.url)
    assert "Your card is saved" in again.text
    assert browse("POST", session.url, data=GOOD).status_code == 200
    assert len(v1.payment_methods.list({"customer": session.customer, "type": "card"}).data) == 1


def test_a_card_is_chosen_from_the_list(browse, open_session):
    answer = browse("POST", open_session().url, data={"test_card": "4242424242424242"})
    assert answer.status_code == 303


def test_a_decline_keeps_what_was_typed_and_says_why_at_the_field(browse, open_session):
    page = browse("POST", open_session().url, data=GOOD | {"number": "4000000000009995"})
    assert page.status_code == 422
    assert fields(page)["number"]["value"] == "4000000000009995"
    assert fields(page)["name"]["value"] == "A Resident"
    assert fields(page)["number"]["aria-describedby"] == "number-hint number-error"
    assert "Your card has insufficient funds." in page.text
    assert BeautifulSoup(page.text, "html.parser").title.text.startswith("Error: ")


def test_what_may_be_a_real_card_is_not_shown_again(browse, open_session):
    page = browse("POST", open_session().url, data=GOOD | {"number": "4539578763621486"})
    assert "not a test card" in page.text
    assert "4539578763621486" not in page.text
    assert fields(page)["cvc"]["value"] == ""


def test_an_empty_form_is_answered_with_every_mistake(browse, open_session):
    page = browse("POST", open_session(customer=None).url, data={})
    soup = BeautifulSoup(page.text, "html.parser")
    assert [link["href"] for link in soup.select(".summary a")] == ["#number", "#expiry", "#cvc", "#name", "#email"]


@pytest.mark.parametrize("mode", ["setup", "payment"])
def test_the_challenge_can_be_failed_and_completed(browse, sandbox, v1, open_session, mode):
    session = open_session(mode)
    card = GOOD | {"number": "4000002760003184"}
    challenge = browse("POST", session.url, data=card).headers["Location"]
    page = browse("GET", challenge)
    assert [button.text for button in BeautifulSoup(page.text, "html.parser").find_all("button")] == [
        "Complete", "Fail",
    ]  # fmt: skip
    assert "http://site.test" in page.headers["Content-Security-Policy"]
    back = browse("POST", challenge, data={"answer": "fail"})
    page = browse("GET", sandbox.url + back.headers["Location"])
    assert "unable to authenticate" in page.text
    challenge = browse("POST", session.url, data=card).headers["Location"]
    done = browse("POST", challenge, data={"answer": "complete"})
    assert done.headers["Location"] == f"http://site.test/done?session={session.id}"
    assert browse("GET", challenge).status_code == 410


def test_an_expired_page_says_so_kindly(browse, sandbox, open_session):
    session = open_session()
    sandbox.forward(hours=24)
    page = browse("GET", session.url)
    assert page.status_code == 410
    assert "This page has expired" in page.text
    assert "No card was saved." in page.text
    assert browse("POST", session.url, data=GOOD).status_code == 410


def test_other_sites_cannot_press_the_buttons(browse, sandbox, open_session):
    for path in (open_session().url, f"{sandbox.url}/_sandbox/modes"):
        answer = requests.post(path, data=GOOD, headers={"Sec-Fetch-Site": "same-site"}, timeout=5)
        assert answer.status_code == 403
    assert requests.get(f"{sandbox.url}/c/pay/cs_test_none", timeout=5).status_code == 404


def test_the_front_page_shows_what_it_holds(browse, sandbox, v1, saved_card, charge):
    paid = charge(saved_card())
    refund = v1.refunds.create({"payment_intent": paid.id, "amount": 500})
    sandbox.flush()
    v1.customers.delete(paid.customer)
    page = browse("GET", f"{sandbox.url}/")
    soup = BeautifulSoup(page.text, "html.parser")
    headings = [heading.text for heading in soup.find_all("h2")]
    assert headings[:2] == ["Balance", "Customers"]
    assert headings[-3:] == ["Events", "Faults", "Test cards"]
    for seen in (paid.id, refund.id, "£25.00", "£24.42", "delivered, tried 1, 200", "payment_intent.succeeded"):
        assert seen in page.text


def test_what_banks_and_card_holders_do_next_is_done_on_the_front_page(browse, sandbox, v1, saved_card, charge):
    first, second = charge(saved_card()), charge(saved_card())
    refund = v1.refunds.create({"payment_intent": second.id})

    def press(words, id_):
        soup = BeautifulSoup(browse("GET", f"{sandbox.url}/").text, "html.parser")
        button = soup.find("button", attrs={"aria-label": f"{words}: {id_}"})
        assert browse("POST", f"{sandbox.url}/_sandbox/step", data={"step": button["value"]}).status_code == 303

    press("Dispute", first.latest_charge)
    press("Let us win", v1.disputes.list().data[0].id)
    assert v1.disputes.list().data[0].status == "won"
    press("Fail", refund.id)
    assert v1.refunds.retrieve(refund.id).status == "failed"
    sandbox.forward(days=3)
    press("Pay out", "Available")
    payout = v1.payouts.list().data[0]
    assert (payout.status, payout.amount) == ("paid", 2442 - 2000 + 2442)
    press("Fail", payout.id)
    assert v1.payouts.retrieve(payout.id).status == "failed"
    assert requests.post(f"{sandbox.url}/_sandbox/step", data={"step": "explode x"}, timeout=5).status_code == 400


def test_faults_are_switched_on_the_front_page(browse, sandbox):
    browse("POST", f"{sandbox.url}/_sandbox/modes", data={"name": "drop"})
    assert "Turn drop off" in browse("GET", f"{sandbox.url}/").text
    browse("POST", f"{sandbox.url}/_sandbox/modes", data={"name": "drop"})
    assert sandbox.stand_in.modes.on() == {}
    sandbox.stand_in.set_mode("429")
    browse("POST", f"{sandbox.url}/_sandbox/modes", data={"name": ""})
    assert sandbox.stand_in.modes.on() == {}

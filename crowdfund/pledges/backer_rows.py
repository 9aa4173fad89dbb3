"""What a backer's own page lists: the pledge, its card, and what was paid and given back."""

from enum import StrEnum

from flask import current_app, url_for

from crowdfund.core.money import pounds
from crowdfund.payments.models import CardCheckout
from crowdfund.payments.rules import CheckoutState
from crowdfund.pledges.models import Pledge
from crowdfund.pledges.receipts import Receipt, card_words
from crowdfund.pledges.rules import AMOUNT_AUDIENCE_WORDS, CARD_KEPT, NAME_AUDIENCE_WORDS, WORDS, PledgeState
from crowdfund.web.templating import when


class CardNews(StrEnum):
    """What the page tells somebody who comes back from the page on which another card is saved."""

    NONE = "none"
    USED = "used"
    TOO_LATE = "too_late"
    NOT_SAVED = "not_saved"


def card_news(pledge: Pledge, newest: CardCheckout) -> CardNews:
    """Say what became of the newest card page of a pledge."""
    if newest.id == pledge.checkout_id:
        return CardNews.USED if pledge.state in CARD_KEPT else CardNews.NONE
    return CardNews.TOO_LATE if newest.state is CheckoutState.COMPLETE else CardNews.NOT_SAVED


def pledge_rows(pledge: Pledge, checkout: CardCheckout | None, *, changeable: bool) -> list[dict[str, str]]:
    """Return what the page lists of a pledge, with the links to change it while that is possible."""
    kept = checkout is not None and pledge.state in CARD_KEPT
    card = card_words(checkout.card_brand, checkout.card_last4) if checkout and kept else "None kept"
    rows = [
        {"key": "Project", "value": f"{pledge.project.title}, {pledge.project.group.name}"},
        {"key": "Where it stands", "value": WORDS[pledge.state]},
        {
            "key": "Amount",
            "value": pounds(pledge.amount_pence),
            "change_url": url_for("backer.amount", public_id=pledge.public_id),
        },
        {"key": "Who sees your name", "value": NAME_AUDIENCE_WORDS[pledge.name_audience]},
        {"key": "Who sees the amount", "value": AMOUNT_AUDIENCE_WORDS[pledge.amount_audience]},
        {"key": "Card", "value": card, "change_url": url_for("card.another", public_id=pledge.public_id)},
        {"key": "Reference", "value": pledge.reference},
    ]
    rows[3]["change_url"] = rows[4]["change_url"] = url_for("backer.visibility", public_id=pledge.public_id)
    if pledge.match_pence and pledge.state is PledgeState.ACTIVE:
        rows.insert(3, {"key": "Added by funders", "value": f"{pounds(pledge.match_pence)}, if the target is reached"})
    for row in rows:
        if changeable and "change_url" in row:
            row["change_hidden"] = row["key"].lower()
        else:
            row.pop("change_url", None)
    return rows


def paid_rows(receipt: Receipt | None) -> list[dict[str, str]]:
    """Return what a receipt adds to the list: what was paid, when and with which card, and what went back."""
    if receipt is None:
        return []
    rows = [
        {"key": "Paid", "value": f"{pounds(receipt.amount_pence)} on {when(receipt.at)}"},
        {"key": "Card charged", "value": receipt.card},
        {"key": "Fee to you", "value": "£0"},
        {"key": "On your card statement", "value": current_app.config["STATEMENT_TEXT"]},
    ]
    for back in receipt.given_back:
        how = "given back to that card" if back.is_done else "on its way back to that card"
        words = f"{pounds(back.amount_pence)} {how}, {'sent' if back.is_sent else 'asked for'} on {when(back.at)}"
        rows.append({"key": "Refund", "value": words})
    return rows

"""What the steps of the journey do between a form and an action: keep, verify, and lead to the card page."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from flask import current_app, url_for

from crowdfund.accounts import actions as accounts
from crowdfund.accounts.current import current_actor, remember
from crowdfund.core import clock
from crowdfund.core.db import db
from crowdfund.core.errors import Refused
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.notifications.actions import queue_mail
from crowdfund.payments.gateway import CheckoutRequest
from crowdfund.payments.rules import CheckoutState
from crowdfund.payments.views import current_checkouts
from crowdfund.places.queries import find_district
from crowdfund.places.rules import outcode, tidy_postcode
from crowdfund.pledges import actions, setting_up
from crowdfund.pledges.forms import BackerForm
from crowdfund.pledges.models import Pledge
from crowdfund.pledges.rules import CARD_PAGE_WORDS
from crowdfund.pledges.setting_up import Agreed, BackerDetails
from crowdfund.web.limits import client_address, limit
from crowdfund.web.signing import app_secret

HOUR = timedelta(hours=1)


def typed_before(pledge: Pledge) -> dict[str, Any]:
    """Return what the form about the backer starts with: what was typed, else what the signed-in person is."""
    return {
        "name": pledge.backer_name or current_actor().name or "",
        "email": pledge.email or current_actor().email or "",
        "postcode": "",
        "message": pledge.message,
        "name_audience": pledge.name_audience.value,
        "amount_audience": pledge.amount_audience.value,
        "share_with_group": pledge.share_with_group,
        "wants_news": pledge.wants_news,
    }


def details_from(form: BackerForm, pledge: Pledge) -> BackerDetails:
    """Return what was typed; an empty postcode keeps the area that was given before."""
    postcode = tidy_postcode(form.postcode.data or "")
    district = find_district(db.session(), postcode) if postcode else None
    details = BackerDetails(
        name=form.name.data,
        email=accounts.tidy_email(form.email.data),
        name_audience=form.audiences[0],
        amount_audience=form.audiences[1],
        message=form.message.data or "",
        outcode=pledge.outcode,
        district_code=pledge.district_code,
        share_with_group=form.share_with_group.data,
        wants_news=form.wants_news.data,
    )
    if postcode is None:
        return details
    return replace(details, outcode=outcode(postcode), district_code=district.code if district else None)


def keep_details(pledge_id: int, details: BackerDetails) -> bool:
    """Keep what the backer typed; say whether their address is verified (a signed-in person's own needs no code)."""
    who: dict[str, Any] = {"actor": current_actor(), "now": clock.now()}
    with unit_of_work() as session:
        pledge = setting_up.describe_backer(session, pledge_id, details, **who)
        if pledge.person_id is None and current_actor().person_id and current_actor().email == details.email:
            setting_up.claim_for_person(session, pledge_id, current_actor().person_id or 0, **who)
        return pledge.person_id is not None


def send_code(pledge_id: int, email: str) -> None:
    """Mail a fresh code to the address; the one before stops working. Raises TooMany."""
    limit("code-mail", email, times=6, per=HOUR)
    limit("code-mail", client_address(), times=60, per=HOUR)
    real = clock.real_now()
    with unit_of_work() as session:
        row = session.get_one(Pledge, pledge_id)
        digits = accounts.issue_code(session, row.subject, email, secret=app_secret(), real=real)
        key = f"code:{row.subject}:{real.timestamp()}"
        queue_mail(session, "pledge_code", email, key=key, now=clock.now(), code=digits)


def verify(pledge: Pledge, digits: str) -> None:
    """Use the code up, remember in this browser whose address it proved, and give that person the pledge.

    Raises Refused: on the field for a wrong code, 'already_backing' when the person backs the project.
    """
    limit("code-try", client_address(), times=60, per=HOUR)
    # Read once: the address that the code proves is the one whose person gets the pledge.
    pledge_id, email, name, subject = pledge.id, pledge.email, pledge.backer_name, pledge.subject
    assert email is not None
    assert name is not None
    who: dict[str, Any] = {"actor": current_actor(), "now": clock.now()}
    with unit_of_work() as session:
        wrong = accounts.check_code(session, subject, email, digits, secret=app_secret(), real=clock.real_now())
    if wrong:
        raise Refused("wrong_code", wrong, "code")
    with unit_of_work() as session:
        person_id = accounts.find_or_create_person(session, email, name, **who).id
        remember(session, proof_of(person_id))
    with unit_of_work() as session:
        setting_up.claim_for_person(session, pledge_id, person_id, **who)


def lead_to_own_pledge(pledge: Pledge) -> Pledge | None:
    """Hand this browser the pledge with which its proven person backs the project already, and end the new one."""
    pledge_id, project_id, email = pledge.id, pledge.project_id, pledge.email
    with unit_of_work() as session:
        person = accounts.find_person(session, email or "")
        if person is None or not current_actor().holds(proof_of(person.id)):
            return None
        standing = actions.find_counting(session, project_id, person.id)
        if standing is None:
            return None
        remember(session, standing.subject)
        actions.abandon_pledge(session, pledge_id, "backed_before", actor=current_actor(), now=clock.now())
        return standing


def proof_of(person_id: int) -> str:
    """Name what a browser holds that proved a person's address with a code."""
    return f"person:{person_id}"


def card_page(pledge: Pledge, agreed: Agreed) -> str | None:
    """Record the consents and return the address of the hosted card page; None when the card is saved already.

    Raises GatewayDown; what was agreed stays, and trying again opens the same page.
    """
    public_id, email, now = pledge.public_id, pledge.email, clock.now()
    with unit_of_work() as session:
        checkout = setting_up.agree_and_start_checkout(session, pledge.id, agreed, actor=current_actor(), now=now)
    if checkout.state is CheckoutState.COMPLETE:
        current_checkouts().sync(checkout.id, now)
        return None
    base = str(current_app.config["PUBLIC_URL"]).rstrip("/")
    request = CheckoutRequest(
        reference=checkout.public_id,
        email=email or "",
        wording=CARD_PAGE_WORDS.format(reference=pledge.reference),
        return_url=base + url_for("pledges.come_back", public_id=public_id),
        cancel_url=base + url_for("pledges.check", public_id=public_id, card="back"),
    )
    return current_checkouts().open_page(checkout.id, request)

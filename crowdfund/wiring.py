"""The one module that knows everyone: blueprints, gateways, job handlers and listeners."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from flask import Flask, current_app

from crowdfund.accounts import factor_views
from crowdfund.accounts import views as account_views
from crowdfund.accounts.actions import delete_stale
from crowdfund.checking import jobs as checking_jobs
from crowdfund.checking import models as checking
from crowdfund.core import clock, state_edges
from crowdfund.core.config import Settings
from crowdfund.core.db import db
from crowdfund.core.jobs import delete_done
from crowdfund.core.movable_clock import MovableClock
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.core.worker import Periodic, Worker
from crowdfund.decisions import models as decisions
from crowdfund.files import models as files
from crowdfund.funds import models as funds
from crowdfund.funds.holders import HOLDERS
from crowdfund.grants import group_views as group_grant_views
from crowdfund.grants import jobs as grant_jobs
from crowdfund.grants import prospectus_views, scorecard_views
from crowdfund.grants import views as application_views
from crowdfund.grants.models import GrantApplication
from crowdfund.groups import views as group_views
from crowdfund.groups.hosts import HOST_KEEPERS
from crowdfund.ledger.rules import AccountKind
from crowdfund.matching import jobs as matching_jobs
from crowdfund.matching import models as matching
from crowdfund.matching.listening import OFFERS_CHANGED
from crowdfund.notifications.actions import SEND, delete_old_mails
from crowdfund.notifications.jobs import sending_with
from crowdfund.notifications.sender import MailboxTransport, SmtpTransport
from crowdfund.officers import (
    application_views as officer_application_views,
)
from crowdfund.officers import (
    backer_views as officer_backer_views,
)
from crowdfund.officers import (
    fund_views,
    match_paying_views,
    match_views,
    money_views,
    payout_views,
    refund_views,
    round_views,
    running_views,
    settling_views,
    simulator_views,
    status_views,
)
from crowdfund.officers import views as desk_views
from crowdfund.payments import jobs as payment_jobs
from crowdfund.payments import reconcile_jobs, refund_jobs
from crowdfund.payments import rules as payment_rules
from crowdfund.payments import views as payment_views
from crowdfund.payments.charging import Charges
from crowdfund.payments.checkouts import Checkouts
from crowdfund.payments.disputing import Disputes
from crowdfund.payments.gateway import Gateway
from crowdfund.payments.refund_sending import Refunds
from crowdfund.payments.stripe_gateway import StripeGateway
from crowdfund.payments.taking_over import Take, takes
from crowdfund.payouts import models as payouts
from crowdfund.payouts.listening import PAYOUT_LISTENERS
from crowdfund.pledges import backer_views, card_views, news_views
from crowdfund.pledges import jobs as pledge_jobs
from crowdfund.pledges import views as pledge_views
from crowdfund.pledges.links import link_key
from crowdfund.pledges.matched import count_match
from crowdfund.pledges.models import Pledge
from crowdfund.projects import file_views, picture_views
from crowdfund.projects import jobs as project_jobs
from crowdfund.projects import launching as project_launching
from crowdfund.projects import views as project_views
from crowdfund.projects.hosting import has_money_in_play
from crowdfund.settlement import jobs as settlement_jobs
from crowdfund.settlement import models as settlement
from crowdfund.settlement import refund_mails
from crowdfund.settlement import rules as settlement_rules
from crowdfund.settlement.outcomes import PledgeCharges
from crowdfund.settlement.paying import ProjectPayouts
from crowdfund.site import account_views as mine_views
from crowdfund.site import (
    bank_views,
    dashboard_views,
    decision_views,
    fix_views,
    info_views,
    launch_kit_views,
    offline_views,
    pitch_offer_views,
    statement_views,
)
from crowdfund.site import fund_views as public_fund_views
from crowdfund.site import views as site_views
from crowdfund.web.limits import delete_empty
from crowdfund.web.security import csrf

# Migrations must know every table, also those that no screen reads yet.
TABLES = (state_edges, files, funds, checking, decisions, payouts, matching, settlement)

MAIL_LIFE = timedelta(days=30)  # as /privacy says
JOB_LIFE = timedelta(days=30)

PERIODIC = (
    Periodic(payment_rules.SWEEP, timedelta(minutes=5)),
    Periodic(refund_jobs.SWEEP_REFUNDS, timedelta(minutes=5)),
    Periodic(payment_rules.RECONCILE, timedelta(days=1)),
    Periodic(pledge_jobs.SWEEP, timedelta(minutes=10)),
    Periodic(settlement_rules.SWEEP, timedelta(minutes=1)),
    Periodic(matching_jobs.SWEEP, timedelta(minutes=10)),
    Periodic(grant_jobs.SWEEP, timedelta(minutes=1)),
    Periodic(project_launching.LAUNCH_DUE, timedelta(minutes=10)),
    Periodic("web:tidy", timedelta(hours=1)),
)


def wire(app: Flask, settings: Settings) -> None:
    """Join the parts for these settings; the sandbox is mounted only where it is asked for."""
    gateway = StripeGateway(settings.stripe_api_key, settings.stripe_api_base, settings.webhook_secrets)
    if settings.sandbox:
        with app.app_context():
            clock.install(MovableClock(db.engine))
    checkouts = Checkouts(gateway, settings.secret_key, {"pledge": pledge_jobs.card_saved})
    app.extensions["checkouts"] = checkouts
    charges = Charges(gateway, settings.secret_key, {"pledge": PledgeCharges()})
    app.extensions["charges"] = charges
    app.extensions["refunds"] = Refunds(gateway, charges.listeners)
    app.extensions["disputes"] = Disputes(gateway, charges.listeners)
    HOST_KEEPERS.add(has_money_in_play)
    OFFERS_CHANGED.add(count_match)
    HOLDERS[AccountKind.GRANT_RESERVED] = (GrantApplication.id, GrantApplication.fund_id)
    PAYOUT_LISTENERS["project"] = ProjectPayouts()
    app.extensions["worker"] = Worker(_handlers(settings, checkouts, charges), PERIODIC)
    for views in (site_views, info_views, decision_views, launch_kit_views, payment_views, public_fund_views):
        app.register_blueprint(views.pages)
    for views in (pledge_views, backer_views, card_views, news_views):
        app.register_blueprint(views.pages)
    for views in (account_views, factor_views, mine_views):
        app.register_blueprint(views.pages)
    for views in (
        group_views,
        project_views,
        picture_views,
        file_views,
        dashboard_views,
        offline_views,
        desk_views,
        running_views,
        payout_views,
        refund_views,
        settling_views,
        money_views,
        status_views,
        fund_views,
        simulator_views,
        bank_views,
        fix_views,
        statement_views,
        match_views,
        match_paying_views,
        officer_backer_views,
        pitch_offer_views,
        round_views,
        officer_application_views,
        prospectus_views,
        application_views,
        group_grant_views,
        scorecard_views,
    ):
        app.register_blueprint(views.pages)
    csrf.exempt(payment_views.webhook)
    if settings.sandbox:
        from crowdfund.sandbox import mount  # noqa: PLC0415 - production never loads the sandbox

        mount(app)


def worker_of(app: Flask) -> Worker:
    """Return the app's worker, with every handler."""
    worker = app.extensions["worker"]
    assert isinstance(worker, Worker)
    return worker


def gateway_of(app: Flask) -> Gateway:
    """Return the app's payment provider."""
    charges = app.extensions["charges"]
    assert isinstance(charges, Charges)
    return charges.gateway


def takes_of(app: Flask) -> Mapping[str, Take]:
    """Return what takes over the payments, refunds and disputes that only the provider knows."""
    return takes(app.extensions["charges"], app.extensions["refunds"], app.extensions["disputes"])


def personal_link(pledge: Pledge) -> str:
    """Return the address in a backer's mails that opens this pledge after one click on a button."""
    base = str(current_app.config["PUBLIC_URL"]).rstrip("/")
    return f"{base}/pledges/{pledge.public_id}?key={link_key(pledge, current_app.config['SECRET_KEY'])}"


def _handlers(settings: Settings, checkouts: Checkouts, charges: Charges) -> dict[str, Any]:
    transport = MailboxTransport() if settings.sandbox else SmtpTransport(settings.smtp_url, settings.mail_from)
    refunds, disputes = Refunds(charges.gateway, charges.listeners), Disputes(charges.gateway, charges.listeners)
    return {
        **payment_jobs.handlers(checkouts, charges, refund_jobs.looks(refunds, disputes)),
        **refund_jobs.handlers(refunds, disputes),
        **reconcile_jobs.handlers(charges.gateway, takes(charges, refunds, disputes), settings.officers_email),
        **refund_mails.handlers(personal_link, settings.officers_email),
        **pledge_jobs.handlers(personal_link),
        **project_jobs.handlers(),
        **matching_jobs.handlers(),
        **grant_jobs.handlers(),
        **checking_jobs.handlers(settings.quote_above_pence),
        **settlement_jobs.handlers(personal_link, charges, settings.settle_threshold_percent, settings.officers_email),
        SEND: sending_with(transport),
        "web:tidy": _tidy,
    }


def _tidy(payload: dict[str, Any], now: datetime) -> None:  # noqa: ARG001 - handlers share a shape
    """Delete what ran out: codes, sessions, empty rate limits, sent mails and done jobs."""
    real = clock.real_now()
    with unit_of_work() as session:
        delete_stale(session, real)
        delete_empty(session, real)
        delete_old_mails(session, now - MAIL_LIFE)
        delete_done(session, now - JOB_LIFE)

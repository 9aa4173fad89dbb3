"""The commands: crowdfund demo, migrate, serve, worker, seed, check, reconcile, create-officer and their kind."""

import argparse
import os
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from granian import Granian
from granian.constants import Interfaces

from crowdfund import wiring
from crowdfund.accounts.officers import appoint_officer, end_role
from crowdfund.accounts.roles import ROLE_WORDS, OfficerRole
from crowdfund.app import SERVER_PID, app_from_env, create_app
from crowdfund.core import checks, clock, jobs, lifeline, migrate
from crowdfund.core.actor import SystemActor
from crowdfund.core.config import BadSettings, Settings
from crowdfund.core.db import db
from crowdfund.core.errors import GatewayDown, NotFound, Refused
from crowdfund.core.money import parse_pounds
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.funds.queries import get_funder
from crowdfund.ledger import queries as ledger
from crowdfund.payments import checks as payments
from crowdfund.payments.lost_checkouts import find_lost_checkouts, tell_lost_checkout
from crowdfund.payments.reconcile_words import sum_up, tell_differences, tell_reconciliation
from crowdfund.payments.reconciling import reconcile
from crowdfund.payouts import checks as payouts
from crowdfund.places.importer import OFFICIAL_NAME, BadFile, import_places
from crowdfund.pledges import queries as pledges
from crowdfund.settlement import checks as settlement

COMMAND = SystemActor("command")
WORKER_PAUSE_SECONDS = 0.5
BLOCKING_THREADS = 4  # a slow answer of the payment provider must not hold up every page
LAST_ANSWERS_SECONDS = 8  # for answers on their way when the server ends; a worker still starting misses the signal


def run_migrate(_args: argparse.Namespace) -> int:
    """Bring the database up to date."""
    migrate.upgrade(_settings().database_url)
    print("the database is up to date")
    return 0


def run_serve(args: argparse.Namespace) -> int:
    """Serve the site."""
    os.environ[SERVER_PID] = str(os.getpid())
    server = Granian(
        "crowdfund.app:worker_app",
        address=args.host,
        port=args.port,
        interface=Interfaces.WSGI,
        workers=args.workers,
        blocking_threads=BLOCKING_THREADS,
        factory=True,
        log_access=False,
        respawn_failed_workers=True,
        workers_kill_timeout=LAST_ANSWERS_SECONDS,
    )
    server.serve()
    return 0


def run_worker(_args: argparse.Namespace) -> int:
    """Carry out jobs until asked to stop."""
    app = app_from_env()
    worker = wiring.worker_of(app)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: worker.stopping.set())
    with app.app_context():
        worker.run_forever(WORKER_PAUSE_SECONDS, db.session.remove)
    return 0


def run_seed(args: argparse.Namespace) -> int:
    """Fill an empty sandbox with demonstration data."""
    from crowdfund.sandbox.seeding import seed  # noqa: PLC0415 - production never loads the sandbox

    settings = _settings()
    if not settings.sandbox:
        print("only a sandbox is seeded: demonstration data never mixes with real money", file=sys.stderr)
        return 2
    with app_from_env().app_context():
        print(seed(clock.now(), most_backers=args.most_backers))
    return 0


def run_check(_args: argparse.Namespace) -> int:
    """Run every invariant against the live database; exit 1 on the first breach."""
    with app_from_env().app_context():
        for breach in _breaches():
            print(f"BREACH: {breach}")
            return 1
    print("every invariant holds")
    return 0


def _breaches() -> Iterator[str]:
    for source in (checks, ledger, payments, payouts, pledges, settlement):
        yield from source.breaches(db.session())


def run_reconcile(_args: argparse.Namespace) -> int:
    """Compare the cash book with the payment provider; exit 1 on a difference, 2 when the provider is down.

    What only the provider knows, as after a backup was restored, is taken over where it is certain whose it is.
    """
    app, differences, now = app_from_env(), 0, clock.now()
    with app.app_context():
        gateway = wiring.gateway_of(app)
        try:
            run = reconcile(gateway, now, lambda lines: print(f"{lines:,} lines read so far"), wiring.takes_of(app))
            lost = [tell_lost_checkout(one) for one in find_lost_checkouts(db.session(), gateway, now)]
        except GatewayDown as error:
            print(f"the payment provider does not answer, so nothing was compared: {error}", file=sys.stderr)
            return 2
        print(*tell_reconciliation(run), sep="\n")
        for sentence in tell_differences(db.session(), run):
            print(sentence)
            differences += 1
        print(*lost, sep="\n", end="\n" if lost else "")
    print(sum_up(differences))
    return 1 if differences or lost else 0


def run_retry_jobs(_args: argparse.Namespace) -> int:
    """Give parked jobs another chance."""
    with app_from_env().app_context(), unit_of_work() as session:
        print(f"{jobs.unpark(session)} parked jobs are waiting again")
    return 0


def run_import_places(args: argparse.Namespace) -> int:
    """Bring in districts, divisions and postcodes."""
    settings = _settings()
    official = args.file or Path(settings.places_data) / OFFICIAL_NAME
    if not official.exists() and (args.file or not settings.sandbox):
        print(f"there is no file {official}; name the official postcode directory with --file", file=sys.stderr)
        return 2
    with app_from_env().app_context(), unit_of_work() as session:
        done = import_places(session, official)
    print(f"{done.districts} districts and {done.postcodes} postcodes from {done.source}")
    return 0


def run_create_officer(args: argparse.Namespace) -> int:
    """Give somebody an officer's role."""
    limit = None if args.limit is None else parse_pounds(args.limit)
    with app_from_env().app_context(), unit_of_work() as session:
        funder = get_funder(session, args.funder) if args.funder else None
        role = OfficerRole(args.role)
        reach = {"funder_id": funder.id if funder else None, "limit_pence": limit}
        appoint_officer(session, args.email, args.name, role, **reach, actor=COMMAND, now=clock.now())
    print(f"{args.name} <{args.email}> is now: {ROLE_WORDS[role]}{f' at {funder.name}' if funder else ''}")
    return 0


def run_end_officer(args: argparse.Namespace) -> int:
    """End an officer's role at once."""
    with app_from_env().app_context(), unit_of_work() as session:
        funder = get_funder(session, args.funder) if args.funder else None
        role = OfficerRole(args.role)
        end_role(session, args.email, role, funder.id if funder else None, actor=COMMAND, now=clock.now())
    print(f"{args.email} is no longer: {ROLE_WORDS[role]}")
    return 0


def run_demo(args: argparse.Namespace) -> int:
    """Run everything for a demonstration on this machine."""
    from crowdfund.sandbox.launcher import run  # noqa: PLC0415 - production never loads the sandbox

    return run(os.environ, create_app, args.most_backers)


def run_sandbox_stripe(args: argparse.Namespace) -> int:
    """Serve the stand-in for Stripe."""
    from crowdfund.sandbox.launcher import serve_stripe  # noqa: PLC0415 - production never loads the sandbox

    return serve_stripe(_settings(), args.port)


def run_rehearse(args: argparse.Namespace) -> int:
    """Play a season in the sandbox on a clock of its own; exit 1 unless its money adds up to the penny."""
    from crowdfund.sandbox.rehearsal import rehearse  # noqa: PLC0415 - production never loads the sandbox

    settings = _settings()
    if not settings.sandbox:
        print("only a sandbox rehearses: a season is made up, and real money never is", file=sys.stderr)
        return 2
    return rehearse(settings, create_app, args.out, _breaches)


def _settings() -> Settings:
    return Settings.from_env(os.environ)


def parser() -> argparse.ArgumentParser:
    """Return the command line's parser."""
    top = argparse.ArgumentParser(prog="crowdfund", description="Community crowdfunding and small grants for a county")
    commands = top.add_subparsers(required=True, metavar="command")

    def add(name: str, run: Callable[[argparse.Namespace], int]) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=run.__doc__, description=run.__doc__)
        command.set_defaults(run=run)
        return command

    backers: dict[str, Any] = {
        "type": int,
        "default": 10_000,
        "help": "at most so many pledges for each demonstration project",
    }
    add("demo", run_demo).add_argument("--most-backers", **backers)
    add("migrate", run_migrate)
    serve = add("serve", run_serve)
    serve.add_argument("--host", default="127.0.0.1")
    serve.add_argument("--port", type=int, default=int(os.environ.get("PORT", "8000")))
    serve.add_argument("--workers", type=int, default=2)
    add("worker", run_worker)
    add("seed", run_seed).add_argument("--most-backers", **backers)
    add("check", run_check)
    add("reconcile", run_reconcile)
    add("retry-jobs", run_retry_jobs)
    add("import-places", run_import_places).add_argument("--file", type=Path, help="a postcode directory, CSV or .gz")
    for name, run in (("create-officer", run_create_officer), ("end-officer", run_end_officer)):
        command = add(name, run)
        command.add_argument("--email", required=True)
        command.add_argument("--role", required=True, choices=[role.value for role in OfficerRole])
        command.add_argument("--funder", help="the funder's short name in addresses, for a funder's role")
        if run is run_create_officer:
            command.add_argument("--name", required=True)
            command.add_argument("--limit", help="up to which amount in pounds the officer decides")
    add("sandbox-stripe", run_sandbox_stripe).add_argument("--port", type=int, required=True)
    rehearsed = add("rehearse", run_rehearse)
    rehearsed.add_argument("--out", type=Path, help="where the figures go as JSON; else into the sandbox's folder")
    return top


def main() -> int:
    """Run one command; a setting or file that cannot work is said in a sentence."""
    args = parser().parse_args()
    lifeline.hold_on(os.environ)
    try:
        return int(args.run(args))
    except (BadSettings, BadFile, NotFound, Refused) as error:
        print(f"crowdfund: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())

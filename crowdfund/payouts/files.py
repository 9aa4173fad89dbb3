"""Payment files: approved payouts on their way to the bank, in the layout of docs/payment-file.md."""

import csv
import hashlib
import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crowdfund.core import audit, ids
from crowdfund.core.actor import Actor
from crowdfund.core.audit_tags import Tag
from crowdfund.core.db import one_at_a_time
from crowdfund.core.errors import Forbidden, Refused
from crowdfund.core.sealed import seal, unseal
from crowdfund.ledger import postings
from crowdfund.ledger.postings import Posting
from crowdfund.payouts.access import can_prepare
from crowdfund.payouts.actions import demand, find_obstacle, lock_payout, move, thing_of
from crowdfund.payouts.details import Account, open_account
from crowdfund.payouts.models import BankDetails, PaymentFile, Payout
from crowdfund.payouts.numbers import for_the_bank
from crowdfund.payouts.queries import read_facts
from crowdfund.payouts.rules import PayoutState

HEAD = ("Sort code", "Account number", "Account name", "Amount", "Reference")
TOTAL, CHECKSUM = "TOTAL", "SHA256"
_PURPOSE = "payment-file"


@dataclass(frozen=True)
class Line:
    """One payment of a file. Amount in pence."""

    account: Account
    amount_pence: int
    reference: str


@dataclass(frozen=True)
class Made:
    """A file that was made, and how many approved payouts had to stay behind."""

    file: PaymentFile
    left_behind: int


def make_payment_file(session: Session, *, secret: str, actor: Actor, now: datetime) -> Made:
    """Send every approved payout that nothing is in the way of, and keep the file that carries them.

    Each is judged again; what cannot go stays approved. Raises Forbidden for whoever may not, Refused when none can.
    """
    demand(can_prepare(actor))
    assert actor.person_id is not None, "a person makes payment files"
    one_at_a_time(session, "payment-file")
    going: list[tuple[Payout, Account]] = []
    leaving: Counter[str] = Counter()  # pence by purpose that this file takes already
    obstacle = ""
    approved = _list_approved(session)
    for payout_id in approved:
        try:
            payout, account = _ready(session, payout_id, leaving, secret=secret, actor=actor, now=now)
        except (Refused, Forbidden) as stopped:
            obstacle = obstacle or str(stopped)
        else:
            going.append((payout, account))
            leaving[payout.purpose] += payout.amount_pence
    if not going:
        raise Refused("nothing_to_send", obstacle or "No payout is approved, so there is nothing to send.")
    file = _keep_file(session, going, secret, actor.person_id, now)
    for payout, _ in going:
        _send(session, payout, file, actor=actor, now=now)
    about = {"payouts": file.payouts, "total_pence": file.total_pence}
    audit.record(session, Tag.PAYMENT_FILE_MADE, actor=actor, subject_id=file.id, now=now, **about)
    return Made(file, len(approved) - len(going))


def take_file(session: Session, file: PaymentFile, *, secret: str, actor: Actor, now: datetime) -> bytes:
    """Return a file as it goes to the bank and record who took it. Raises Forbidden for whoever may not."""
    demand(can_prepare(actor))
    about = {"checksum": file.checksum}
    audit.record(session, Tag.PAYMENT_FILE_TAKEN, actor=actor, subject_id=file.id, now=now, **about)
    return open_file(file, secret)


def open_file(file: PaymentFile, secret: str) -> bytes:
    """Return the bytes of a file, which are encrypted at rest as the bank details are."""
    return unseal(secret, _PURPOSE, file.content.decode("ascii")).encode("ascii")


def file_name(number: int) -> str:
    """Return the name under which a file is saved."""
    return f"payments-{number:05d}.csv"


def write_file(lines: Sequence[Line], number: int) -> tuple[bytes, str]:
    """Return a file's bytes and the checksum that its last line holds."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(HEAD)
    for line in lines:
        account = line.account
        named = for_the_bank(account.name)
        writer.writerow([account.sort_code, account.number, named, _amount(line.amount_pence), line.reference])
    total = sum(line.amount_pence for line in lines)
    writer.writerow([TOTAL, len(lines), "", _amount(total), file_name(number)])
    body = text.getvalue().encode("ascii")
    checksum = hashlib.sha256(body).hexdigest()
    return body + f"{CHECKSUM},{checksum},,,\r\n".encode("ascii"), checksum


def is_whole(content: bytes) -> bool:
    """Say whether a file's checksum line fits what stands before it."""
    body, mark, last = content.rpartition(f"{CHECKSUM},".encode("ascii"))
    return bool(mark) and last == hashlib.sha256(body).hexdigest().encode("ascii") + b",,,\r\n"


def _amount(pence: int) -> str:
    return f"{pence // 100}.{pence % 100:02d}"


def _list_approved(session: Session) -> list[int]:
    # In the order in which everybody locks: by purpose, then by payout.
    found = session.execute(select(Payout.purpose, Payout.id).where(Payout.state == PayoutState.APPROVED)).all()
    return [number for _, number in sorted((thing_of(purpose), number) for purpose, number in found)]


def _ready(
    session: Session, payout_id: int, leaving: Counter[str], *, secret: str, actor: Actor, now: datetime
) -> tuple[Payout, Account]:
    payout, payable = lock_payout(session, payout_id, actor)
    if payout.state is not PayoutState.APPROVED:
        raise Refused("not_approved", "This payout was stopped meanwhile.")
    details = session.get_one(BankDetails, payout.bank_details_id, populate_existing=True)
    facts = read_facts(session, payout.purpose, details.id)
    obstacle = find_obstacle(payable, details, facts, secret=secret, now=now)
    if obstacle or payout.amount_pence > payable.free_pence - leaving[payout.purpose]:
        raise Refused("obstacle", obstacle or "Less is held by now than this payout needs.")
    return payout, open_account(details, secret)


def _keep_file(
    session: Session, going: Sequence[tuple[Payout, Account]], secret: str, person_id: int, now: datetime
) -> PaymentFile:
    number = int(session.scalar(select(func.max(PaymentFile.number))) or 0) + 1
    lines = [Line(account, payout.amount_pence, payout.reference) for payout, account in going]
    content, checksum = write_file(lines, number)
    file = PaymentFile(
        public_id=ids.public_id(),
        number=number,
        made_by_id=person_id,
        made_at=now,
        payouts=len(lines),
        total_pence=sum(line.amount_pence for line in lines),
        checksum=checksum,
        content=seal(secret, _PURPOSE, content.decode("ascii")).encode("ascii"),
    )
    session.add(file)
    session.flush()
    return file


def _send(session: Session, payout: Payout, file: PaymentFile, *, actor: Actor, now: datetime) -> None:
    payout.file_id = file.id
    move(session, payout, PayoutState.SENT, actor=actor, now=now)
    posting = Posting(session, f"payout:{payout.id}:sent", actor, now)
    postings.send_payout(posting, thing_of(payout.purpose), payout.amount_pence)

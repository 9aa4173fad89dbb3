"""Payment files: the documented layout, sums and checksum, kept as given out; and the bank's answer as a file."""

import csv
import hashlib
import io
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from crowdfund.core.audit import AuditEvent
from crowdfund.core.audit_tags import Tag
from crowdfund.core.clock import FixedClock
from crowdfund.core.config import ROOT, SANDBOX_SECRET
from crowdfund.core.db import db
from crowdfund.core.errors import Refused
from crowdfund.payouts.bank_answer import COLUMNS, MOST_BYTES, MOST_LINES, read_answer
from crowdfund.payouts.files import HEAD, Line, is_whole, open_file, write_file
from crowdfund.payouts.models import PaymentFile, Payout
from crowdfund.payouts.rules import PayoutState
from tests.support.paying import HELD, Purse, account, make_purse
from tests.support.threads import failures, together


@pytest.fixture
def purse(app: Flask, clock: FixedClock, db_session: Session) -> Purse:
    """A funded project with £900 held and bank details that can be used."""
    purse = make_purse(app, clock)
    purse.ready()
    return purse


def table(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("ascii"))))


def test_the_layout_is_the_documented_one(purse: Purse) -> None:
    rows = [purse.prepare(pence) for pence in (60_000, 1_205)]
    for row in rows:
        purse.approve(row)
    file = purse.send().file
    content = open_file(file, SANDBOX_SECRET)
    head, first, second, total, check = table(content)
    assert head == list(HEAD) == ["Sort code", "Account number", "Account name", "Amount", "Reference"]
    assert first == ["200415", "38290008", "Neighbours", "600.00", rows[0].reference]
    assert second == ["200415", "38290008", "Neighbours", "12.05", rows[1].reference]
    assert total == ["TOTAL", "2", "", "612.05", "payments-00001.csv"]
    body = content[: content.rindex(b"SHA256,")]
    assert check == ["SHA256", hashlib.sha256(body).hexdigest(), "", "", ""]
    assert (file.checksum, file.payouts, file.total_pence) == (check[1], 2, 61_205)
    assert content.count(b"\r\n") == 5
    assert purse.held() == HELD - 61_205
    text = (ROOT / "docs/payment-file.md").read_text(encoding="utf-8")
    assert all(f"`{name}`" in text for name in (*HEAD, *COLUMNS, "TOTAL", "SHA256", "payments-00001.csv"))


def test_names_come_in_letters_that_banks_take() -> None:
    odd = account(name="=Café “Zoë”, & Söhne; 名")
    content, _ = write_file([Line(odd, 5, "PO-1")], 3)
    assert table(content)[1][2] == "Cafe Zoe & Sohne"
    assert is_whole(content)
    assert not is_whole(content.replace(b"0.05", b"9.05"))
    assert not is_whole(b"")
    assert not is_whole(content + b"x")


@pytest.mark.parametrize("name", ["=HYPERLINK(1)", " @SUM(A1)", "+44 Club", "-1+1", "\t=1", "\uff1d1", "|cmd", "'=1"])
def test_no_name_is_a_formula(name: str) -> None:
    content, _ = write_file([Line(account(name=name), 5, "PO-1")], 3)
    assert table(content)[1][2][0].isalnum()
    assert len(table(content)[1]) == 5


def test_the_same_bytes_come_again_and_each_time_is_recorded(purse: Purse) -> None:
    purse.approve(purse.prepare())
    ben = purse.browser(purse.ben)
    form = ben.get("/officers/payouts/files/new", max_queries=12)
    page = ben.follow(ben.submit(form))
    first, second = ben.submit(page), ben.submit(page)
    kept = db.session.scalars(select(PaymentFile)).one()
    assert first.data == second.data == open_file(kept, SANDBOX_SECRET)
    assert b"38290008" in first.data
    assert b"38290008" not in kept.content
    assert first.headers["Content-Disposition"] == 'attachment; filename="payments-00001.csv"'
    assert "no-store" in first.headers["Cache-Control"]
    assert is_whole(first.data)
    taken = select(func.count()).select_from(AuditEvent).where(AuditEvent.tag == Tag.PAYMENT_FILE_TAKEN)
    assert db.session.scalar(taken) == 2
    assert "38290008" not in page.text


def test_one_number_each_and_nothing_twice(purse: Purse) -> None:
    for _ in range(2):
        purse.approve(purse.prepare())
        purse.send()
    assert list(db.session.scalars(select(PaymentFile.number).order_by(PaymentFile.number))) == [1, 2]
    assert set(db.session.scalars(select(PaymentFile.payouts))) == {1}
    with pytest.raises(Refused, match="No payout is approved"):
        purse.send()
    page = purse.browser(purse.ben).get("/officers/payouts/files/new")
    assert "there is nothing to send" in page.text


def test_two_at_once_make_one_file(purse: Purse) -> None:
    purse.approve(purse.prepare())
    results = together(purse.app, [lambda: purse.send().file.number] * 4)
    assert failures(results, Refused) == []
    assert [result for result in results if isinstance(result, int)] == [1]
    assert purse.held() == HELD - 10_000


def test_what_cannot_go_stays_behind_and_the_rest_goes(purse: Purse, app: Flask, clock: FixedClock) -> None:
    other = make_purse(app, clock)
    other.ready()
    stays, goes = purse.prepare(), other.prepare()
    purse.approve(stays)
    other.approve(goes)
    purse.give(number="12345678")
    ben = purse.browser(purse.ben)
    page = ben.follow(ben.submit(ben.get("/officers/payouts/files/new")))
    assert "Some payouts stayed behind" in page.text
    assert goes.reference in page.text
    assert purse.again(stays).state is PayoutState.APPROVED
    assert other.again(goes).state is PayoutState.SENT


def test_only_who_moves_money_gets_the_numbers(purse: Purse) -> None:
    purse.approve(purse.prepare())
    file, other = purse.send().file, purse.prepare()
    address, approver = f"/officers/payouts/files/{file.public_id}", purse.browser(purse.approver)
    page = approver.get(address)
    assert page.status_code == 200
    assert "Download the file" not in page.text
    token = approver.get(purse.address(other, "approve")).text.split('name="csrf_token" value="')[1].split('"')[0]
    assert approver.post(f"{address}/download", headers={"X-CSRFToken": token}).status_code == 403


# The answer


def send(purse: Purse, text: str | bytes) -> TestResponse:
    ben = purse.browser(purse.ben)
    page = ben.get("/officers/payouts/answer", max_queries=12)
    token = page.text.split('name="csrf_token" value="')[1].split('"')[0]
    content = text.encode() if isinstance(text, str) else text
    data = {"csrf_token": token, "answer": (io.BytesIO(content), "answer.csv")}
    return ben.post("/officers/payouts/answer", data=data, content_type="multipart/form-data")


def test_an_answer_is_read_and_told_line_by_line(purse: Purse) -> None:
    rows = [purse.prepare(10_000) for _ in range(3)]
    for row in rows:
        purse.approve(row)
    purse.send()
    paid, back, _ = rows
    text = (
        "\ufeffBank reference,Reference,Result,Reason,Amount\r\n"
        f"FP1,{paid.reference.lower()},Paid,,100.00\r\n"
        f",{back.reference},returned,Account closed,\r\n"
        f"FP2,{paid.reference},paid,,\r\n"
        "FP3,PO-XXXX-XXXX,paid,,\r\n"
        "\r\n"
    )
    page = send(purse, text)
    assert page.status_code == 200
    for told in (
        "4 lines read",
        "2 need a look",
        "Sent back: Account closed",
        "Paid twice: also under FP2",
        "No payout",
    ):
        assert told in page.text
    states = [purse.again(row).state for row in rows]
    assert states == [PayoutState.CONFIRMED, PayoutState.RETURNED, PayoutState.SENT]


def test_a_long_answer_is_told_in_its_order(purse: Purse) -> None:
    payout: Any = purse.sent()
    unknown = [f"PO-{number:04d},paid,FP{number},,\r\n" for number in range(120)]
    last = f"{payout.reference},paid,FP-LAST,,\r\n"
    page = send(purse, f"{','.join(COLUMNS)}\r\n{last}{''.join(unknown)}{last}")
    assert "122 lines read. 120 need a look." in page.text
    assert page.text.index("Paid.") < page.text.index("PO-0119") < page.text.index("We knew already")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "first line has to name these columns"),
        (b"a,b\r\n1,2\r\n", "first line has to name these columns"),
        (b"Reference,Result,Bank reference\r\n", "only its first line"),
        (b"\xff\xfe\x00", "Save it as CSV in UTF-8"),
        (b"x" * (MOST_BYTES + 1), "256 KB or smaller"),
        (b"Reference,Result,Bank reference\r\n" + b"x,paid,1\r\n" * (MOST_LINES + 1), "2000 lines or fewer"),
    ],
)
def test_what_is_no_answer_is_said_beside_the_field(purse: Purse, content: bytes, told: str) -> None:
    with pytest.raises(Refused, match=told) as stopped:
        read_answer(content, "answer")
    assert stopped.value.field == "answer"
    if len(content) < 10_000:
        reply = send(purse, content)
        assert reply.status_code == 422
        assert told in reply.text


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        (",paid,FP1,,", "no reference"),
        ("PO-1,maybe,FP1,,", "must be “paid” or “returned”"),
        ("PO-1,paid,,,", "needs the bank’s reference"),
        (f"PO-1,paid,{'x' * 61},,", "up to 60 characters"),
        ("PO-1,paid,FP1,lots,", "amount cannot be read"),
        ("PO-1", "must be “paid” or “returned”"),
    ],
)
def test_a_line_that_makes_no_sense_says_why(row: str, fault: str) -> None:
    [line] = read_answer(f"{','.join(COLUMNS)}\n{row}\n".encode(), "answer")
    assert fault in line.fault


def test_a_return_without_a_reason_says_so(purse: Purse) -> None:
    payout: Any = purse.sent()
    assert send(purse, f"Reference,Result,Bank reference\n{payout.reference},returned,\n").status_code == 200
    assert db.session.get_one(Payout, payout.id, populate_existing=True).reason == "The bank gave no reason."

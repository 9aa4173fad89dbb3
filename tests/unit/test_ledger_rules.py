"""Every kind of account has its book, and only the other sides may go below zero."""

import inspect

import pytest

from crowdfund.ledger import grant_postings, match_postings, postings
from crowdfund.ledger.rules import CONTRA, POTS, AccountKind, Book, LedgerEvent, book_of

PROMISE = {
    "backers",
    "pledged",
    "funder",
    "pot_available",
    "match_reserved",
    "match_confirmed",
    "match_paid",
    "grant_reserved",
}


@pytest.mark.parametrize("kind", AccountKind)
def test_each_kind_of_account_has_one_book(kind: AccountKind) -> None:
    assert book_of(kind) is (Book.PROMISE if kind.value in PROMISE else Book.CASH)


def test_nothing_that_people_are_owed_may_go_below_zero() -> None:
    assert {kind.value for kind in CONTRA} == {"backers", "funder", "provider", "bank", "fees", "exposure", "borne"}
    assert not CONTRA & POTS


@pytest.mark.parametrize("event", LedgerEvent)
def test_every_event_is_posted_by_one_of_the_postings(event: LedgerEvent) -> None:
    assert f"LedgerEvent.{event.name}" in "".join(map(inspect.getsource, (postings, match_postings, grant_postings)))

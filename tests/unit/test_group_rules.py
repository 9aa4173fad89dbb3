"""What groups are made of: number shapes, who needs a host, whose place may end, the task list."""

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crowdfund.accounts.roles import MemberRole
from crowdfund.groups import eligibility
from crowdfund.groups.access import can_change_place, can_end_place
from crowdfund.groups.numbers import (
    WANTED,
    Wanted,
    charity_fault,
    company_fault,
    tidy_charity_number,
    tidy_company_number,
)
from crowdfund.groups.rules import (
    FIELD_WORDS,
    FORM_HINTS,
    FORM_WORDS,
    HOST_WORDS,
    HostState,
    LegalForm,
    Safeguarding,
    needs_host_because,
)
from crowdfund.groups.tasks import Standing, tasks_of

CHARITIES = {
    "1123456": "1123456",
    " 1 123 456 ": "1123456",
    "200001": "200001",
    "1123456-1": "1123456-1",
    "1123456 – 12": "1123456-12",
    "sc012345": "SC012345",
    "SC 012345": "SC012345",
    "NIC100123": "NIC100123",
    "nic-100123": "NIC100123",
}
NOT_CHARITIES = [
    "",
    "12345",
    "12345678",
    "0123456",
    "SC12345",
    "NIC1",
    "1123456-",
    "1123456-0",
    "ABC",
    "\uff11\uff11\uff12\uff13\uff14\uff15\uff16",
    "NI100123",
]
COMPANIES = {
    LegalForm.COMPANY: {"5384301": "05384301", "05384301": "05384301", "sc123456": "SC123456", "NI 1234": "NI001234"},
    LegalForm.CIC: {"9876543": "09876543", "09876543": "09876543", "SC000001": "SC000001"},
    LegalForm.SPORTS_CLUB: {"12345678": "12345678"},
    LegalForm.CHARITY: {"384301": "00384301"},
    LegalForm.CIO: {"CE012345": "CE012345", "ce 12345": "CE012345"},
    LegalForm.SOCIETY: {
        "IP12345R": "IP12345R",
        "rs007654": "RS007654",
        "7654": "7654",
        "30123r": "30123R",
        "SP2727RS": "SP2727RS",
    },
}
NOT_COMPANIES = {
    LegalForm.COMPANY: [
        "",
        "0",
        "00000000",
        "123456789",
        "OC123456",
        "SC",
        "XX123456",
        "12 34A",
        "CE012345",
        "-5",
        "\uff11\uff12\uff13\uff14\uff15\uff16\uff17\uff18",
    ],
    LegalForm.CIC: ["CIC12345", "SC1234567"],
    LegalForm.CIO: ["12345678", "CE", "CE1234567"],
    LegalForm.SOCIETY: ["123", "IP12345", "RS12345", "12345678", "05384301"],
}


@pytest.mark.parametrize(("typed", "kept"), CHARITIES.items())
def test_charity_numbers_are_tidied(typed: str, kept: str) -> None:
    assert tidy_charity_number(typed) == kept


@pytest.mark.parametrize("typed", NOT_CHARITIES)
def test_what_is_no_charity_number(typed: str) -> None:
    assert tidy_charity_number(typed) is None


@pytest.mark.parametrize(("form", "typed", "kept"), [(f, t, k) for f, c in COMPANIES.items() for t, k in c.items()])
def test_company_numbers_are_tidied(form: LegalForm, typed: str, kept: str) -> None:
    assert tidy_company_number(typed, form) == kept


@pytest.mark.parametrize(("form", "typed"), [(form, typed) for form, wrong in NOT_COMPANIES.items() for typed in wrong])
def test_what_is_no_company_number(form: LegalForm, typed: str) -> None:
    assert tidy_company_number(typed, form) is None


@given(st.text(max_size=30), st.sampled_from(LegalForm))
def test_any_text_is_a_number_that_fits_its_column_or_none(text: str, form: LegalForm) -> None:
    charity, company = tidy_charity_number(text), tidy_company_number(text, form)
    assert charity is None or (len(charity) <= 12 and charity.isascii() and tidy_charity_number(charity) == charity)
    assert company is None or (
        len(company) <= 8 and company.isascii() and tidy_company_number(company, form) == company
    )


@given(st.integers(1, 99_999_999))
def test_a_company_number_keeps_its_zeros(number: int) -> None:
    kept = tidy_company_number(str(number), LegalForm.COMPANY)
    assert kept == f"{number:08d}"


@pytest.mark.parametrize("form", LegalForm)
def test_a_number_is_asked_exactly_where_the_form_has_one(form: LegalForm) -> None:
    wanted = WANTED[form]
    assert bool(charity_fault("", form)) is (wanted.charity is Wanted.ALWAYS)
    assert bool(company_fault("", form)) is (wanted.company is Wanted.ALWAYS)
    assert bool(charity_fault("nonsense", form)) is (wanted.charity is not Wanted.NEVER)
    assert bool(company_fault("nonsense", form)) is (wanted.company is not Wanted.NEVER)


@pytest.mark.parametrize(
    ("form", "account", "needed"),
    [
        (LegalForm.INFORMAL, None, True),
        (LegalForm.INFORMAL, False, True),
        (LegalForm.INFORMAL, True, False),
        (LegalForm.CHARITY, None, False),
        (LegalForm.CHARITY, True, False),
        (LegalForm.ASSOCIATION, False, True),
    ],
)
def test_who_needs_a_host(form: LegalForm, account: bool | None, needed: bool) -> None:
    assert needs_host_because(form, account) is needed


OWNER, WRITER, READER = MemberRole.OWNER, MemberRole.MEMBER, MemberRole.READER


@pytest.mark.parametrize(
    ("own", "owners", "place", "is_self", "change", "end"),
    [
        (OWNER, 1, WRITER, False, True, True),
        (OWNER, 2, OWNER, False, True, True),
        (OWNER, 2, OWNER, True, True, True),
        (OWNER, 1, OWNER, True, False, False),
        (WRITER, 2, OWNER, False, False, False),
        (WRITER, 1, WRITER, True, False, True),
        (READER, 1, READER, True, False, True),
        (READER, 1, WRITER, False, False, False),
        (None, 1, OWNER, False, False, False),
        (None, 1, READER, False, True, True),
    ],
)
def test_whose_place_may_change_or_end(
    own: MemberRole | None, owners: int, place: MemberRole, is_self: bool, change: bool, end: bool
) -> None:
    assert bool(can_change_place(own, owners, place)) is change
    assert bool(can_end_place(own, owners, place, is_self=is_self)) is end


FRESH = Standing(None, None, None, None, None, None, "", 1, 0)
WHOLE = Standing(True, True, True, Safeguarding.POLICY, False, None, "", 2, 0)


def statuses(standing: Standing) -> dict[str, str]:
    return {task.key: task.status for task in tasks_of(standing)}


def test_the_list_of_a_new_and_of_a_ready_group() -> None:
    assert statuses(FRESH) == {
        "details": "Completed",
        "readiness": "Not yet started",
        "people": "Not yet started",
        "host": "Cannot start yet",
    }
    assert statuses(WHOLE) == {"details": "Completed", "readiness": "Completed", "people": "Completed"}


@pytest.mark.parametrize(
    ("state", "status"),
    [
        (None, "Not yet started"),
        (HostState.ASKED, "In progress"),
        (HostState.ACCEPTED, "Completed"),
        (HostState.REFUSED, "There is a problem"),
        (HostState.ENDED, "Not yet started"),
    ],
)
def test_the_host_on_the_list(state: HostState | None, status: str) -> None:
    assert statuses(replace(WHOLE, host_needed=True, host_state=state))["host"] == status


def test_the_list_names_what_is_missing() -> None:
    missing = replace(WHOLE, has_rules=False, has_two_signatories=False, safeguarding=Safeguarding.HELP_WANTED)
    hint = next(task.hint for task in tasks_of(missing) if task.key == "readiness")
    assert hint == "Still missing: written rules, two signatories who are not related, a safeguarding policy"


def test_everything_that_people_choose_from_has_words() -> None:
    for kind, words in (
        (LegalForm, FORM_WORDS),
        (LegalForm, FORM_HINTS),
        (HostState, HOST_WORDS),
        (eligibility.Benefit, eligibility.BENEFIT_WORDS),
        (eligibility.SetUp, eligibility.SET_UP_WORDS),
        (eligibility.Account, eligibility.ACCOUNT_WORDS),
        (eligibility.Amount, eligibility.AMOUNT_WORDS),
        (eligibility.When, eligibility.WHEN_WORDS),
    ):
        assert set(words) == set(kind)
    assert not [words for words in FIELD_WORDS.values() if re.search("_|id$", words)]

"""What holds for every scorecard: the parts make the whole, and small numbers of refused groups stay hidden."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from crowdfund.grants.rules import ApplicationState
from crowdfund.grants.scorecard import FEW, Row, Standing, scorecard_of

CLOSED = datetime(2027, 1, 18, 17, tzinfo=UTC)
PLACES, FORMS = ("Ashford", "Dover", "Swale"), ("Charity", "Club")
PENCE = st.integers(1, 4_000_000)
ROWS = st.lists(
    st.builds(
        Row,
        round_id=st.integers(1, 3),
        state=st.sampled_from(ApplicationState) | st.sampled_from([ApplicationState.DECLINED] * 2),
        was_sent=st.booleans() | st.just(True),
        closed_at=st.just(CLOSED),
        promised_on=st.just(date(2027, 2, 18)),
        decided_at=st.none() | st.integers(-5, 90).map(lambda days: CLOSED + timedelta(days=days)),
        has_reason=st.booleans(),
        district=st.sampled_from([*PLACES, "London"]),
        legal_form=st.sampled_from(FORMS),
        is_first=st.booleans(),
        asked_pence=PENCE,
        awarded_pence=PENCE,
        spent_seconds=st.integers(0, 40_000),
        last_question=st.sampled_from(["What", "Who", "Costs"]),
    ),
    max_size=60,
)


@given(ROWS)
def test_the_parts_make_the_whole(rows: list[Row]) -> None:
    card = scorecard_of(rows, PLACES, FORMS)
    awarded = [row for row in rows if row.is_awarded]
    assert card.begun == card.sent + card.left == len(rows)
    assert sum(count for _, count in card.left_at) == card.left
    assert sum(one.count for one in card.outcomes) == card.sent
    assert card.asked_pence == sum(row.asked_pence for row in rows if row.was_sent)
    assert sum(one.awarded_pence for one in card.outcomes) == sum(row.awarded_pence for row in awarded)
    for parts in (card.districts, card.legal_forms, card.first_timers):
        assert sum(part.awards for part in parts) == card.awards == len(awarded)
        assert sum(part.awarded_pence for part in parts) == sum(row.awarded_pence for row in awarded)
    assert card.with_reason <= card.decided <= card.sent
    assert card.on_time <= card.decided
    assert card.given_pence <= sum(row.awarded_pence for row in awarded)


@given(ROWS)
def test_no_small_number_of_refused_is_told_or_can_be_worked_out(rows: list[Row]) -> None:
    for some in (rows, [row for row in rows if row.round_id == 1]):
        card = scorecard_of(some, PLACES, FORMS)
        no = (Standing.DECLINED, Standing.INELIGIBLE, Standing.PUT_OFF)
        whole = sum(one.count for one in card.outcomes if one.words in no)
        for parts in (card.districts, card.legal_forms, card.first_timers):
            told = [part.refused for part in parts if part.refused is not None]
            assert all(count >= FEW for count in told)
            assert len(parts) - len(told) != 1
            assert sum(told) <= whole
            assert len(told) < len(parts) or sum(told) == whole

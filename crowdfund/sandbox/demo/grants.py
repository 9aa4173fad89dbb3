"""The demonstration's grant rounds, and what its groups ask of them; all made up. Pence; days count from today."""

from dataclasses import dataclass, replace

from crowdfund.grants.plans import Plan
from crowdfund.grants.ready_made import INNOVATION, MICRO, VOLUNTEERING
from crowdfund.grants.rules import ApplicationState, Outcome

_S, _O = ApplicationState, Outcome
FUNDER = "kent-county-council"
FUND_SLUG, FUND_NAME = "small-grants", "Small grants (demonstration)"
FUND_ABOUT = "Small sums for groups, without a crowd."
POT_PENCE = 6_000_000
ASKED = "Please say who of you holds the key, and on which days."
TURNED_DOWN = "A neighbour lent us what we needed. Thank you."


@dataclass(frozen=True)
class DemoApplication:
    """What a group asks of a round, brought to `state`; a draft was left at the question `left_at`."""

    group: str
    title: str
    asked_pence: int
    what: str
    who: str
    state: ApplicationState = _S.SUBMITTED
    left_at: str = "costs"
    minutes: int = 9  # between two answers
    is_scored: bool = True
    outcome: Outcome = _O.FULL
    criterion: str = "need"
    reason: str = "People there named this need, and the sum is fair."
    pence: int | None = None  # of a part
    decided_days_ago: int = 40


@dataclass(frozen=True)
class DemoRound:
    """A round that opens, closes and decides so many days from today; negative days are past."""

    title: str
    plan: Plan
    opens: int
    closes: int
    decides: int
    budget_pence: int
    applications: tuple[DemoApplication, ...] = ()


def _made_up(plan: Plan) -> Plan:
    return replace(plan, about=f"{plan.about} This round is made up for the demonstration.")


_A = DemoApplication
DECIDED = DemoRound(
    "Micro grants, last round (demonstration)",
    _made_up(MICRO),
    -110,
    -75,
    -40,
    250_000,
    (
        _A("sing-herne-bay", "Song sheets in large print", 18_000, "Print forty song books that everybody can read.",
           "Singers over seventy who gave up because of small print.", _S.ACCEPTED, decided_days_ago=52),
        _A("snodland-plotholders", "A water butt for each plot", 45_000, "Put up twelve butts along the shared shed.",
           "Thirty plotholders, most of them without a tap near by.", _S.ACCEPTED, outcome=_O.UP_TO, pence=30_000,
           reason="Eight butts serve every plot. More can follow once they are full.", decided_days_ago=51),
        _A("spa-tea-dance", "Chairs with arms", 32_000, "Buy sixteen chairs that people can get up from.",
           "Dancers who need a rest, and their carers.", _S.ACCEPTED, minutes=6, decided_days_ago=50),
        _A("park-wood-youth", "Boots to borrow", 40_000, "Buy thirty pairs of boots that nobody has to own.",
           "Young people who miss football for want of boots.", _S.OFFERED, decided_days_ago=21),
        _A("sittingbourne-strollers", "Benches for a slow walk", 49_000, "Place two benches on the way to the creek.",
           "Walkers who manage half a mile.", _S.REFUSED, minutes=12, decided_days_ago=49),
        _A("darent-valley-ringers", "New ropes for the tower", 50_000, "Replace all six bell ropes.",
           "Ringers, and whoever likes to hear them.", _S.DECLINED, outcome=_O.DECLINE, criterion="plan",
           reason="The quote is for a tower twice as high. Please ask for a new one, and try again.",
           decided_days_ago=48),
        _A("canterbury-study-tables", "Lamps for the study tables", 24_000, "Buy twelve lamps.",
           "Children who do their homework with us.", _S.EXPIRED, decided_days_ago=47),
        _A("wealdham-parish-council", "A notice board", 50_000, "Put up a second notice board.",
           "Everybody in the parish.", _S.INELIGIBLE, outcome=_O.INELIGIBLE, criterion="not_eligible",
           reason="A parish council pays for its own notice boards.", decided_days_ago=47),
        _A("elham-mill-keepers", "A door for the mill", 42_000, "Hang a door.", "Visitors.", _S.DRAFT),
        _A("medway-paddles", "Dry bags", 20_000, "Buy dry bags.", "", _S.DRAFT, left_at="who"),
        _A("hadlow-hall", "A ramp", 50_000, "", "", _S.DRAFT, left_at="what"),
    ),
)  # fmt: skip
ASSESSING = DemoRound(
    "Volunteering pilot (demonstration)",
    _made_up(VOLUNTEERING),
    -45,
    -9,
    12,
    900_000,
    (
        _A("northfleet-pantry", "Evening pickers", 90_000, "Collect what shops would throw away after eight at night.",
           "Families who come to the pantry on Fridays.", _S.OFFERED, decided_days_ago=2),
        _A("maidstone-quiet-garden", "Garden friends", 60_000, "Pair each new volunteer with an old hand.",
           "People who were told to take it easy, and would rather be of use.", _S.IN_ASSESSMENT),
        _A("gravesend-promenade-arts", "Ushers of all ages", 75_000, "Train forty ushers in one weekend.",
           "Students and pensioners, side by side.", _S.IN_ASSESSMENT, is_scored=False),
        _A("larkfield-shed", "Shed on wheels", 80_000, "Take the tools to people who cannot come to the shed.",
           "Men who live alone in the villages around.", _S.CLARIFICATION),
        _A("bay-readers", "A reader at the bedside", 50_000, "Train fifteen people to read aloud on wards.",
           "Patients who have no visitors.", _S.SUBMITTED),
        _A("oast-room", "A rota that mends itself", 95_000, "Try a rota in which neighbours swap by themselves.",
           "Sixty volunteers of four halls.", _S.SUBMITTED, minutes=14),
        _A("cliftonville-shared-shop", "Saturday boys and girls", 45_000, "Open the till to learners.",
           "School leavers.", _S.WITHDRAWN),
        _A("stour-friends", "River wardens", 70_000, "Find a warden for each bridge.", "", _S.DRAFT, left_at="people"),
    ),
)  # fmt: skip
OPEN = DemoRound(
    "Micro grants (demonstration)",
    _made_up(MICRO),
    -14,
    16,
    45,
    300_000,
    (
        _A("wye-orchard-group", "A press for windfalls", 38_000, "Buy an apple press that goes round the villages.",
           "Whoever has a tree, and whoever has none."),
        _A("paddock-wood-borrowers", "Labels that last", 12_500, "Engrave every tool, so that it comes home.",
           "Two hundred borrowers."),
        _A("ramsgate-tidal-swimmers", "Throw lines for the steps", 27_000, "Hang four throw lines by the sea steps.",
           "Everybody who swims there, with us or without."),
        _A("eden-woods-friends", "Gloves and loppers", 22_000, "Buy gloves and loppers for twenty volunteers.", "",
           _S.DRAFT, left_at="who"),
        _A("new-romney-wheels", "A ramp to carry along", 48_000, "", "", _S.DRAFT, left_at="what"),
    ),
)  # fmt: skip
COMING = DemoRound("Innovation grants (demonstration)", _made_up(INNOVATION), 20, 62, 90, 3_000_000)
ROUNDS = (DECIDED, ASSESSING, OPEN, COMING)

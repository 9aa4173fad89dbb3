"""Ready-made rounds to begin from. What they say is a proposal that officers change; nothing here is in force."""

from crowdfund.grants.plans import AT_RISK, Condition, Criterion, Need, Plan, Question, QuestionKind, Tier

_K, _N = QuestionKind, Need
_PANEL = "At least two officers score each application on its own. Whoever decides scored none of it."
_ONE = "One officer scores each application, another one decides. You hear back with the reason either way."
_TERMS = (
    "The money is spent on what the application says, within a year. Ask first before anything important changes."
    " What is left over is returned. Tell us in a few lines what came of it."
)
_WHO = "Community groups in the county, from a few neighbours to a registered charity."
_NEED = Criterion("need", "It answers a need of the place or of the people", 2)
_REACH = Criterion("reach", "It reaches people who have little else", 1)
_PLAN = Criterion("plan", "The plan and its costs are realistic", 1)


def _text(key: str, label: str, words: int, hint: str = "", section: str = "Your plan") -> Question:
    return Question(key, section, label, _K.LONG, hint=hint, most_words=words)


def _costs() -> Question:
    hint = "One line each: what it is, a colon, the amount. Overheads are a fair cost."
    return Question("costs", "Money", "What will the money pay for?", _K.COSTS, hint=hint)


_SAFE = Question(
    "safe", "Safety", "How do you keep them safe?", _K.LONG, most_words=150, shown_if=Condition(AT_RISK, "yes")
)

MICRO = Plan(
    about="Up to £500 for something that makes a difference where you live. No match, no crowd, no long form.",
    who=_WHO,
    how_decided=_ONE,
    minutes=45,
    agreement=_TERMS,
    tiers=(Tier("micro", "Up to £500", 50_000, needs=(_N.ACCOUNT,), assessors=1),),
    criteria=(_NEED, _PLAN),
    questions=(
        _text("what", "What will you do?", 150, "A few sentences are enough."),
        _text("who", "Who will it help?", 100),
        _costs(),
    ),
)
INNOVATION = Plan(
    about="For something that has not been tried here before, with what was learned shared afterwards.",
    who=_WHO,
    how_decided=_PANEL,
    minutes=120,
    agreement=_TERMS,
    tiers=(
        Tier("small", "Up to £2,000", 200_000, 10_000_000, needs=(_N.RULES, _N.ACCOUNT)),
        Tier("full", "Up to £10,000", 1_000_000, needs=tuple(Need), second_signature=True),
    ),
    criteria=(_NEED, Criterion("new", "It tests something new", 2), _PLAN),
    questions=(
        _text("what", "What will you try, and what is new about it?", 300),
        _text("who", "Who is it for?", 200),
        _text("learn", "How will you know whether it worked?", 200),
        _costs(),
        _SAFE,
        Question("budget", "Money", "Your budget for the year", _K.FILE, needed=False, tiers=("full",)),
    ),
)
STRATEGIC = Plan(
    about="For groups whose work over several years is part of what the county has set out to do.",
    who="Charities, CIOs, CICs and other constituted bodies.",
    how_decided=_PANEL,
    minutes=240,
    agreement=_TERMS,
    tiers=(Tier("strategic", "Up to £40,000", 4_000_000, needs=tuple(Need), assessors=3, second_signature=True),),
    criteria=(_NEED, _REACH, _PLAN, Criterion("last", "It lasts when the grant ends", 1)),
    questions=(
        _text("what", "What will you do in each year?", 600),
        _text("who", "Whom do you reach, and who is missing?", 400),
        _text("last", "What remains when the grant ends?", 300),
        _costs(),
        Question("accounts", "Money", "Your last accounts", _K.FILE),
        _SAFE,
    ),
)
BUSINESS_SUPPORT = Plan(
    about="To buy in expertise that makes a group stronger: a business plan, a survey, legal or digital advice.",
    who=_WHO,
    how_decided=_PANEL,
    minutes=90,
    agreement=_TERMS,
    tiers=(Tier("support", "Up to £5,000", 500_000, needs=(_N.RULES, _N.ACCOUNT)),),
    criteria=(_NEED, Criterion("change", "The group will be stronger afterwards", 2), _PLAN),
    questions=(
        _text("what", "What expertise do you want to buy in, and from whom?", 250),
        _text("change", "What will be different afterwards?", 250),
        Question("quote", "Money", "A quote", _K.FILE, needed=False),
        _costs(),
    ),
)
VOLUNTEERING = Plan(
    about="To try out new ways of finding, training and keeping volunteers.",
    who=_WHO,
    how_decided=_ONE,
    minutes=60,
    agreement=_TERMS,
    tiers=(
        Tier("pilot", "Up to £1,000", 100_000, needs=(_N.ACCOUNT,), assessors=1),
        Tier("more", "Up to £3,000", 300_000, needs=(_N.RULES, _N.ACCOUNT)),
    ),
    criteria=(_NEED, _REACH, _PLAN),
    questions=(
        _text("what", "What will volunteers do, and what is new?", 250),
        Question("people", "Your plan", "How many volunteers will take part?", _K.NUMBER),
        _costs(),
        _SAFE,
    ),
)
READY_MADE: dict[str, tuple[str, Plan]] = {
    "micro": ("Micro grant", MICRO),
    "innovation": ("Innovation grant", INNOVATION),
    "strategic": ("Strategic grant", STRATEGIC),
    "business": ("Business support", BUSINESS_SUPPORT),
    "volunteering": ("Volunteering pilot", VOLUNTEERING),
}

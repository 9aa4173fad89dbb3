"""What is checked automatically about a project: sentences with a source, never a verdict."""

from collections.abc import Sequence
from datetime import date, timedelta

from crowdfund.checking.material import Found, Material, Other
from crowdfund.checking.rules import Finding
from crowdfund.checking.similarity import ALIKE, likeness, outline
from crowdfund.core.money import pounds
from crowdfund.groups.models import Group
from crowdfund.groups.numbers import WANTED, Wanted, charity_fault, company_fault, company_label
from crowdfund.groups.rules import FORM_WORDS, HostState, InvitationState, needs_host_because
from crowdfund.projects.models import Project
from crowdfund.projects.rules import LineKind

FACT_WORDS: dict[str, str] = {
    "place": "Postcode and district",
    "numbers": "Register numbers",
    "earlier": "Earlier projects of this group",
    "alike": "Projects like this one",
    "capital": "Share of capital costs",
    "quotes": "Quotes for large costs",
    "other_money": "Other money",
    "funds": "Dates of funds",
    "host": "Host",
    "signatory": "Second signatory",
    "photo": "Consent to the photo",
}
REGISTER, ANSWERS, HERE = "The shapes that registers use", "The group’s answers", "Projects posted here"
DIRECTORY = "Postcode directory as imported here"
_SHOWN = 5


def find_facts(material: Material, today: date) -> list[Found]:
    """Return every fact about a project as it stands on `today`, in the order of FACT_WORDS."""
    m = material
    return [
        _place(m),
        _numbers(m.group),
        _earlier(m),
        _alike(m),
        _capital(m),
        _quotes(m),
        _other_money(m),
        _funds(m, today),
        _host(m),
        _signatory(m),
        _photo(m.project),
    ]


def _place(m: Material) -> Found:
    postcode, chosen = m.project.postcode, m.chosen.name
    if not postcode:
        return Found("place", Finding.UNKNOWN, "The group gave no postcode.", ANSWERS)
    if m.district is None:
        return Found("place", Finding.UNKNOWN, f"{postcode} is not in the directory we hold.", DIRECTORY)
    if not m.district.in_area:
        words = f"{postcode} is in {m.district.name}, which is outside the area of this programme."
        return Found("place", Finding.LOOK, words, DIRECTORY)
    if m.district.code != m.project.district_code:
        return Found("place", Finding.LOOK, f"{postcode} is in {m.district.name}; the page says {chosen}.", DIRECTORY)
    return Found("place", Finding.OK, f"{postcode} is in {chosen}, as the page says.", DIRECTORY)


def _numbers(group: Group) -> Found:
    form, wanted = group.legal_form, WANTED[group.legal_form]
    if wanted.charity is wanted.company is Wanted.NEVER:
        words = f"“{FORM_WORDS[form]}” has no register number to look at."
        return Found("numbers", Finding.OK, words, REGISTER)
    faults = [charity_fault(group.charity_number or "", form), company_fault(group.company_number or "", form)]
    given = [
        f"{label} {number}"
        for label, number in (("Charity number", group.charity_number), (company_label(form), group.company_number))
        if number
    ]
    said = ", ".join(given) or "No number is given"
    wrong = [fault for fault in faults if fault]
    if wrong:
        return Found("numbers", Finding.LOOK, f"{said}. {' '.join(wrong)}", REGISTER)
    words = f"{said}: the shape is right. Whether it is this group’s, only the register says."
    return Found("numbers", Finding.OK, words, REGISTER)


def _earlier(m: Material) -> Found:
    own = [other for other in m.others if other.is_same_group]
    if not own:
        return Found("earlier", Finding.OK, "This is the group’s first project here.", HERE)
    words = f"The group posted before: {_named(own)}."
    return Found("earlier", Finding.LOOK, words, HERE)


def _alike(m: Material) -> Found:
    this = outline(m.project.title, m.project.aim, m.project.place)
    scored = [(likeness(this, outline(other.title, other.aim, other.place)), other) for other in m.others]
    found = sorted((pair for pair in scored if pair[0] >= ALIKE), key=lambda pair: (-pair[0], pair[1].public_id))
    source = f"Title, aim and place of {len(m.others)} other projects of this group or district"
    if not found:
        return Found("alike", Finding.OK, "No other project here reads like this one.", source)
    words = f"These read much like it: {_named([other for _, other in found])}."
    return Found("alike", Finding.LOOK, words, source)


def _named(others: Sequence[Other]) -> str:
    shown = ", ".join(other.named for other in others[:_SHOWN])
    more = len(others) - _SHOWN
    return f"{shown} and {more} more" if more > 0 else shown


def _capital(m: Material) -> Found:
    costs = m.lines[LineKind.COST]
    whole = sum(line.amount_pence or 0 for line in costs)
    capital = sum(line.amount_pence or 0 for line in costs if line.is_capital)
    if not whole:
        return Found("capital", Finding.UNKNOWN, "There are no costs yet.", ANSWERS)
    percent = capital * 100 // whole
    words = f"{pounds(capital)} of {pounds(whole)} is to buy or build something: {percent} %."
    if capital:
        words += " Some funds pay running costs only."
    return Found("capital", Finding.LOOK if capital * 2 > whole else Finding.OK, words, ANSWERS)


def _quotes(m: Material) -> Found:
    limit = pounds(m.quote_above_pence)
    large = [line for line in m.lines[LineKind.COST] if (line.amount_pence or 0) > m.quote_above_pence]
    bare = [line for line in large if not m.quotes.get(line.id)]
    source = "The group’s answers and files"
    if bare:
        named = ", ".join(f"“{line.label}” ({pounds(line.amount_pence or 0)})" for line in bare)
        return Found("quotes", Finding.LOOK, f"No quote is attached for {named}.", source)
    words = f"Every cost above {limit} has a file." if large else f"No cost is above {limit}, so no quote is asked for."
    return Found("quotes", Finding.OK, words, source)


def _other_money(m: Material) -> Found:
    lines = m.lines[LineKind.OTHER_MONEY]
    if not lines:
        return Found("other_money", Finding.OK, "There is no other money.", ANSWERS)
    sure = sum(line.amount_pence or 0 for line in lines if line.is_confirmed)
    hoped = sum(line.amount_pence or 0 for line in lines if not line.is_confirmed)
    public = sum(line.amount_pence or 0 for line in lines if line.is_public)
    bare = [line for line in lines if line.is_confirmed and not m.quotes.get(line.id)]
    words = f"{pounds(sure)} is confirmed and {pounds(hoped)} hoped for; {pounds(public)} of it is public money."
    if bare:
        words += f" No file shows it for {', '.join(f'“{line.label}”' for line in bare)}."
    return Found("other_money", Finding.LOOK if hoped or bare else Finding.OK, words, ANSWERS)


def _funds(m: Material, today: date) -> Found:
    ends = (m.project.launch_on or today) + timedelta(days=m.project.campaign_days)
    source = "Dates of the funds held here"
    if not m.funds:
        return Found("funds", Finding.UNKNOWN, "No fund with coming dates is entered here.", source)
    late = [fund for fund in m.funds if fund.decides_on > ends]
    if late:
        named = ", ".join(f"{fund.name} ({fund.funder}) on {_day(fund.decides_on)}" for fund in late[:_SHOWN])
        words = f"If it starts as planned, pledging ends about {_day(ends)}. Decided after that: {named}."
        return Found("funds", Finding.LOOK, words, source)
    words = f"Every fund with coming dates decides before pledging ends, about {_day(ends)}."
    return Found("funds", Finding.OK, words, source)


def _host(m: Material) -> Found:
    if not needs_host_because(m.group.legal_form, m.group.has_bank_account):
        return Found("host", Finding.OK, "The group says it has a bank account of its own: no host is needed.", ANSWERS)
    if m.host is None:
        return Found("host", Finding.LOOK, "The group needs a host and has not named one.", "The group’s host")
    if m.host.state is not HostState.ACCEPTED:
        words = f"{m.host.name} was asked to be the host and has not answered."
        return Found("host", Finding.LOOK, words, "The group’s host")
    answered = f" on {_day(m.host.answered_at.date())}" if m.host.answered_at else ""
    return Found("host", Finding.OK, f"{m.host.name} agreed to be the host{answered}.", "The host’s own link")


def _signatory(m: Material) -> Found:
    source = "The second signatory’s own link"
    if m.project.signed_at is not None:
        return Found("signatory", Finding.OK, f"Confirmed on {_day(m.project.signed_at.date())}.", source)
    if m.signatory is None:
        return Found("signatory", Finding.LOOK, "Nobody has been asked to confirm the declaration.", source)
    if m.signatory.state is InvitationState.REFUSED:
        return Found("signatory", Finding.LOOK, f"{m.signatory.name} did not confirm the declaration.", source)
    return Found("signatory", Finding.LOOK, f"{m.signatory.name} was asked and has not confirmed yet.", source)


def _photo(project: Project) -> Found:
    if not project.picture.startswith("photo:"):
        return Found("photo", Finding.OK, "The page shows a drawing, so nobody has to agree.", ANSWERS)
    words = "The page shows a photo. Whoever added it ticked that everyone who can be recognised agreed."
    return Found("photo", Finding.OK, words, "The picture page")


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"

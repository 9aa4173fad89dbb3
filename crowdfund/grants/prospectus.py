"""What everybody reads about a round, gathered for its public page and for the preview before it is published."""

from typing import Any

from sqlalchemy.orm import Session

from crowdfund.grants.plans import KIND_WORDS, NEED_WORDS, Plan
from crowdfund.groups.rules import FORM_WORDS
from crowdfund.places.queries import list_districts


def prospectus_of(session: Session, plan: Plan) -> dict[str, Any]:
    """Return what a page needs to tell a plan: its lists in words, and each criterion's share of the mark."""
    names = {one.code: one.name for one in list_districts(session)}
    whole = sum(one.weight for one in plan.criteria) or 1
    return {
        "plan": plan,
        "needs": NEED_WORDS,
        "kinds": KIND_WORDS,
        "counts": [(one.words, f"{one.weight * 100 // whole} %") for one in plan.criteria],
        "districts": [names[code] for code in plan.districts if code in names],
        "legal_forms": [words for form, words in FORM_WORDS.items() if form.value in plan.legal_forms],
    }

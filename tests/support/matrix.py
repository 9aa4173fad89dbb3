"""What the tests of access know of single routes: which right each wants, and what is different about some."""

from crowdfund.accounts.roles import FundRight, GroupRight

# What a place in the group has to have the right to; GET pages that are not here want the right to see.
WANTS: dict[GroupRight, frozenset[str]] = {
    GroupRight.SEE: frozenset({"POST dashboard.download", "POST applications.confirm_it", "POST applications.sign"}),
    GroupRight.EDIT: frozenset(
        {
            "applications.basics",
            "applications.question",
            "applications.reply",
            "dashboard.new_update",
            "files.add",
            "files.remove",
            "offline.enter",
            "pictures.choose",
            "pictures.drawing",
            "pictures.photo",
            "projects.add",
            "projects.line",
            "projects.new",
            "projects.remove",
            "projects.section",
            "projects.share",
            "GET pitches.check",
            "pitches.choose",
            "pitches.questions",
            "pitches.sums",
        }
    ),
    GroupRight.SUBMIT: frozenset(
        {
            "applications.accept",
            "applications.fetch_back",
            "applications.give_up",
            "applications.refuse",
            "applications.review",
            "applications.send",
            "dashboard.cancel",
            "projects.declaration",
            "projects.launch",
            "POST projects.signatory",
            "projects.take_up",
            "projects.withdraw",
            "POST pitches.check",
            "pitches.accept",
            "pitches.refuse",
            "pitches.withdraw",
        }
    ),
    GroupRight.MANAGE: frozenset(
        {
            "bank.ask",
            "groups.ask_again",
            "groups.cancel_invitation",
            "groups.details",
            "groups.end_host",
            "groups.end_place",
            "groups.invite",
            "groups.name_host",
            "groups.readiness",
            "groups.role",
            "groups.set_up",
        }
    ),
}
# Tables that a request which is turned away may write to: who came, what they sent, how often.
OF_VISITS = frozenset({"browser_session", "session_grant", "kept_form", "email_code", "rate_limit", "job"})
# What an officer does before anything was declared: the declaration itself, handing work out from the list, and
# payments, from which a declared interest or a place in the group keeps them away all the same. Whoever decides
# that money leaves declares first.
UNDECLARED = frozenset({"desk.interest", "desk.give", "matches.interest", "grant_desk.interest"})
DECLARING = frozenset({"desk.interest", "matches.interest", "grant_desk.interest"})
OF_PAYMENTS = frozenset({"payouts", "refunds"})
DECIDED = frozenset({"payouts.prepare", "payouts.approve", "payouts.reveal", "refunds.approve"})
# Of many projects at once, or of none.
OF_NO_PROJECT = frozenset({"payouts.file", "payouts.download"})
# What an officer needs over the fund that a page is about, besides seeing it.
OF_FUNDS: dict[FundRight, frozenset[str]] = {
    FundRight.EDIT: frozenset(
        {
            *("drop_next", "edit", "new", "next_terms", "publish", "terms_section"),
            *("about", "arrange", "frame", "part", "rearrange", "take_down"),
        }
    ),
    FundRight.DECIDE: frozenset({"unseal"}),
    FundRight.PAY: frozenset({"carry", "change_line", "new_line", "paid_in"}),
}
OF_FUND_DESK = frozenset({"fund_desk", "simulator", "rounds"})
# Of a whole round; what stands between an officer and each application is asked there.
OF_ROUND = frozenset(f"grant_desk.{page}" for page in ("index", "interests", "export", "board", "confirm", "panel"))
ABOUT_PROJECTS = (
    "/apply/projects/<",
    "/officers/projects/<",
    "/officers/payouts/projects/<",
    "/officers/refunds/projects/<",
    "/officers/settlements/<",
    "/officers/matches/<",
    "/officers/applications/<",
    "/officers/match-due/<",
    "/officers/money/projects/<",
)

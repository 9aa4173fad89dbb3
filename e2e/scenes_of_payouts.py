"""Bank details, payouts, payment files and statements in every state."""

from e2e.scene import Scene, Who, press, type_in, wrong

_F, _P = Who.FINANCE, Who.PAYEE
SCENES_OF_PAYOUTS: dict[str, Scene] = {
    "bank details": Scene("{payee}", who=_P),
    "bank details: change": Scene("{payee}/change", who=_P),
    "bank details: empty": wrong("{payee}/change", "Save the bank details", who=_P),
    "statement": Scene("{statement}", who=_P),
    "payouts": Scene("/officers/payouts", who=_F),
    "payouts: none in a state": Scene("/officers/payouts?show=rejected", who=_F),
    "payouts: projects": Scene("/officers/payouts/projects", who=_F),
    "payouts: money": Scene("{money}", who=_F),
    "payouts: money on hold": Scene("{money on hold}", who=_F),
    "payouts: nothing to prepare": Scene("{money on hold}/prepare", who=_F),
    "payouts: a call": wrong("{money on hold}/call-back", "Record the call", who=_F),
    "payouts: a personal account": wrong("{money on hold}/personal", "Allow this account", who=_F),
    "payout: prepared": Scene("{payout prepared}", who=_F),
    "payout: approve": Scene("{payout prepared}/approve", who=_F),
    "payout: full numbers": Scene("{payout prepared}/approve", (press("Show the full numbers"),), who=_F),
    "payout: stop": wrong("{payout prepared}/reject", "Stop the payout", who=_F),
    "payout: sent": Scene("{payout sent}", who=_F),
    "payout: arrived": wrong("{payout sent}/confirm", "Confirm that it arrived", type_in("The bank", ""), who=_F),
    "payout: came back": wrong("{payout sent}/return", "Record that it came back", who=_F),
    "payout: paid": Scene("{payout paid}", who=_F),
    "payout: paid twice": Scene("{payout twice}", who=_F),
    "payout: settle": wrong("{payout twice}/paid-twice", "Record it", who=_F),
    "payout: returned": Scene("{payout back}", who=_F),
    "payment files": Scene("/officers/payouts/files", who=_F),
    "payment file": Scene("{payment file}", who=_F),
    "payment file: nothing to send": Scene("/officers/payouts/files/new", who=_F),
    "bank’s answer": Scene("/officers/payouts/answer", who=_F),
    "bank’s answer: no file": wrong("/officers/payouts/answer", "Read the file", who=_F),
}

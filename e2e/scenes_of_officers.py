"""The officers' pages in every state: the second factor, the desk, a project, concerns, and what is published."""

from e2e.scene import Scene, Step, Who, pick, press, type_app_code, type_in, wrong


def _desk(address: str, *steps: Step, refused: bool = False) -> Scene:
    return Scene(address, steps, refused=refused, who=Who.CHECKER)


def _ill(address: str, button: str, *typing: Step) -> Scene:
    return wrong(address, button, *typing, who=Who.CHECKER)


_FIRST_NOTE = "Note on “Is there such a group"
_FACTOR: dict[str, Scene] = {
    "factor: set up": Scene("/officers/", who=Who.NEW_OFFICER),
    "factor: key": Scene("/account/second-factor", (press("Continue"),), who=Who.NEW_OFFICER),
    "factor: not the key’s code": wrong(
        "/account/second-factor", "Continue", press("Continue"), type_in("Six-digit code", "1"), who=Who.NEW_OFFICER
    ),
    "factor: recovery codes": Scene(
        "/account/second-factor",
        (press("Continue"), type_app_code, press("Continue")),
        who=Who.STARTING_OFFICER,
    ),
    "factor: code": Scene("/officers/", who=Who.LATE_OFFICER),
    "factor: wrong code": wrong("/officers/", "Continue", type_in("Six-digit code", "12"), who=Who.LATE_OFFICER),
    "factor: recovery": Scene("/account/recovery", who=Who.LATE_OFFICER),
    "factor: no recovery code": wrong("/account/recovery", "Continue", who=Who.LATE_OFFICER),
    "account of an officer": _desk("/account"),
}
_PROJECT: dict[str, Scene] = {
    "desk": _desk("/officers/"),
    "desk: all": _desk("/officers/?show=all"),
    "desk: nothing fits": _desk("/officers/?q=zebra"),
    "desk: project": _desk("{desk checked}"),
    "desk: asked": _desk("{desk asked}"),
    "desk: ready": _desk("{desk ready}"),
    "desk: declined": _desk("{desk declined}"),
    "desk: no longer to be decided": _desk("{desk declined}/decision"),
    "desk: running": _desk("{desk running}"),
    "desk: interest": _desk("{desk waiting}/interest"),
    "desk: nothing declared": _ill("{desk waiting}/interest", "Declare"),
    "desk: a friend’s project": _desk("{desk friend's}", refused=True),
    "desk: interest declared": _desk("{desk friend's}/interest"),
    "desk: assign": _desk("{desk checked}/assign"),
    "desk: checklist": _desk("{desk checked}/checklist"),
    "desk: checklist with a note alone": _ill(
        "{desk checked}/checklist", "Save the checklist", type_in(_FIRST_NOTE, "I phoned.")
    ),
    "desk: notes": _desk("{desk checked}/notes"),
    "desk: empty note": _ill("{desk checked}/notes", "Keep the note"),
    "desk: questions": _desk("{desk checked}/questions"),
    "desk: no question": _ill("{desk checked}/questions", "See what the group will see"),
    "desk: question to look at": _desk(
        "{desk checked}/questions",
        pick("What is question 1 about?", "Your story"),
        type_in("Question 1", "Who mends it?"),
        press("See what the group will see"),
    ),
    "desk: question asked": _desk("{desk asked}/questions"),
    "desk: decision": _desk("{desk checked}/decision"),
    "desk: no decision": _ill("{desk checked}/decision", "Record the decision"),
    "desk: history": _desk("{desk checked}/history"),
}
_RUNNING: dict[str, Scene] = {
    "desk: pause": _ill("{desk running}/pause", "Pause the project"),
    "desk: cancel": _ill("{desk running}/cancel", "Cancel the project for good"),
    "desk: resume": _desk("{desk running}/resume"),
    "concerns": _desk("/officers/concerns"),
    "concern on the desk": _desk("{case}"),
    "concern on the desk: close": _desk("{case}/close"),
    "concern on the desk: no answer": _ill("{case}/close", "Send the answer and close"),
    "decisions": Scene("/decisions"),
}
SCENES_OF_OFFICERS: dict[str, Scene] = {**_FACTOR, **_PROJECT, **_RUNNING}

"""The pages of groups in every state: finding out, signing in, the group, its drafts and its running project."""

from dataclasses import replace

from e2e.scene import Scene, Step, Who, choose, press, somebody_else, type_in, wrong

_OWNER = Who.OWNER
_SAVE = "Save and continue"
_SIX: tuple[Step, ...] = (
    type_in("Where does your project happen?", "TN23 1PL"),
    choose("Anyone in the community, or people who need help most"),
    choose("Neighbours or friends without written rules"),
    choose("No"),
    choose("£500 to £5,000"),
    choose("In 3 to 12 months"),
    press("See where we stand"),
)


def _own(address: str, *steps: Step, refused: bool = False) -> Scene:
    return Scene(address, steps, refused=refused, who=_OWNER)


def _ill(address: str, button: str, *typing: Step) -> Scene:
    return wrong(address, button, *typing, who=_OWNER)


_FINDING_OUT: dict[str, Scene] = {
    "start": Scene("/start"),
    "start: empty": wrong("/start", "See where we stand"),
    "start: where you stand": Scene("/start", _SIX),
    "start: not this way": Scene("/start", (*_SIX[:-3], choose("More than £100,000"), *_SIX[-2:])),
    "sign in": Scene("/account/sign-in"),
    "sign in: empty": wrong("/account/sign-in", "Send me a mail"),
    "sign in: code": Scene(
        "/account/sign-in", (type_in("Your e-mail address", "rosa@example.org"), press("Send me a mail"))
    ),
    "sign in: wrong code": wrong(
        "/account/sign-in",
        "Sign in",
        type_in("Your e-mail address", "rosa@example.org"),
        press("Send me a mail"),
        type_in("Six-digit code", "12"),
    ),
    "sign in: link": Scene("{sign-in link}"),
    "sign in: old link": Scene("/account/link?key=old"),
    "sign in: name": _own("/account/name"),
    "sign in: no name": _ill("/account/name", "Continue", type_in("What is your name?", "")),
    "sign in: what was kept": _own("{kept}"),
    "sessions": _own("/account/sessions"),
    "account of a group": _own("/account"),
    "invitation: member": Scene("{member's link}"),
    "invitation: host": Scene("{host's link}"),
    "invitation: host says no without a reason": _ill("{host's link}", "No"),
    "invitation: signatory": Scene("{signatory's link}"),
    "invitation: answered": Scene("{invitation answered}"),
    "invitation: run out": Scene("{invitation over}", refused=True),
    "invitation: taken back": Scene("{invitation taken back}", refused=True),
}
_GROUP: dict[str, Scene] = {
    "own group": _own("{own group}"),
    "own group: a new one": _own("/apply/groups/new"),
    "own group: not set up": _ill("/apply/groups/new", "Continue"),
    "own group: its details": _own("/apply/groups/new?legal_form=charity"),
    "own group: nothing said": _ill("/apply/groups/new?legal_form=charity", "Add your group"),
    "own group: bare": _own("{bare group}"),
    "own group: details": _own("{own group}/details"),
    "own group: set up": _own("{own group}/set-up"),
    "own group: readiness": _own("{own group}/readiness"),
    "own group: people": _own("{own group}/people"),
    "own group: invite": _ill("{own group}/people/invite", "Send the invitation", type_in("Their e-mail address", "x")),
    "own group: host": _own("{own group}/host"),
    "own group: no host": _own("{bare group}/host"),
    "own group: host asked": _own("{asking group}/host"),
    "own group: kind of host": _ill("{bare group}/host/new", "Continue"),
    "own group: name a host": _ill("{bare group}/host/new?legal_form=charity", "Ask them"),
    "own group: end host": _own("{own group}/host/end"),
    "own group: host refused": _own("{refused group}/host"),
    "own group: with a problem": _own("{refused group}"),
    "own group: role": _own("{place}/role"),
    "own group: remove somebody": _own("{place}/remove"),
    "own group: leave": _own("{own place}/remove"),
    "own group: the last owner": _ill("{own place}/role", "Save", choose("Reader: sees drafts and figures")),
    "own group: read along": Scene("{refused group}", who=Who.READER),
    "own group: people read along": Scene("{refused group}/people", who=Who.READER),
    "own group: history": _own("{own group}/history"),
}
_DRAFT: dict[str, Scene] = {
    "draft": _own("{own draft}"),
    "draft: a new one": _own("{new draft}"),
    "draft: nothing said": _ill("{new draft}", "Start"),
    "draft: just started": _own("{own new}"),
    "draft: basics": _own("{own draft}/basics"),
    "draft: no name": _ill("{own draft}/basics", _SAVE, type_in("What is your project called?", "")),
    "draft: overtaken": replace(
        _ill(
            "{own new}/story",
            _SAVE,
            somebody_else(type_in("Tell your story", "Water for everybody."), press(_SAVE)),
            type_in("Tell your story", "A place to wash cups."),
        ),
        fieldless=True,
    ),
    "draft: place": _own("{own draft}/place"),
    "draft: postcode elsewhere": _ill("{own draft}/place", _SAVE, type_in("Postcode", "ME4 4TR")),
    "draft: story": _own("{own draft}/story"),
    "draft: target": _own("{own draft}/target"),
    "draft: target nowhere": _ill("{own draft}/target", _SAVE, type_in("A stretch target", "much")),
    "draft: dates": _own("{own draft}/dates"),
    "draft: too long": _ill("{own draft}/dates", _SAVE, type_in("How many days can people pledge?", "900")),
    "draft: risks": _own("{own draft}/risks"),
    "draft: costs": _own("{own draft}/costs"),
    "draft: no costs": _own("{own new}/costs"),
    "draft: a cost": _ill("{own draft}/costs/add", "Save"),
    "draft: change a cost": _own("{line}"),
    "draft: remove a cost": _own("{line}/remove"),
    "draft: other money": _own("{own draft}/other-money"),
    "draft: money": _ill("{own draft}/other-money/add", "Save"),
    "draft: gifts": _own("{own draft}/gifts"),
    "draft: a gift": _ill("{own draft}/gifts/add", "Save"),
    "draft: milestones": _own("{own draft}/milestones"),
    "draft: a milestone": _ill("{own draft}/milestones/add", "Save"),
    "draft: help wanted": _own("{own draft}/help-wanted"),
    "draft: picture": _own("{own draft}/picture"),
    "draft: no choice of picture": _own("{own new}/picture"),
    "draft: photo": _own("{own draft}/picture/photo"),
    "draft: no photo": _ill("{own new}/picture/photo", "Save the photo"),
    "draft: drawing": _own("{own draft}/picture/drawing"),
    "draft: documents": _own("{own draft}/documents"),
    "draft: no document": _ill("{quote}", "Add the file"),
    "draft: remove a document": _own("{paper}/remove"),
    "draft: preview": _own("{own draft}/preview"),
    "draft: for the committee": Scene("{committee}"),
    "draft: check answers": _own("{own draft}/check-answers"),
    "draft: much missing": _own("{own new}/check-answers"),
    "draft: declaration": _ill("{own draft}/declaration", "Declare and submit"),
    "draft: history": _own("{own draft}/history"),
}
_AFTER: dict[str, Scene] = {
    "handed in": _own("{own waiting}"),
    "handed in: confirmed": _own("{own waiting}/submitted"),
    "handed in: signatory": _own("{own waiting}/signatory"),
    "handed in: withdraw": _own("{own waiting}/withdraw"),
    "handed in: closed for changes": _own("{own waiting}/story", refused=True),
    "asked": _own("{own asked}"),
    "asked: where": _own("{own asked}/risks"),
    "withdrawn": _own("{own withdrawn}"),
    "withdrawn: take up": _own("{own withdrawn}/take-up"),
    "declined": _own("{own declined}"),
    "ready": _own("{own ready}"),
    "ready: launch": _own("{own ready}/launch"),
    "dashboard": _own("{own running}/dashboard"),
    "dashboard: backers": _own("{own running}/backers"),
    "dashboard: news": _own("{own running}/updates/new"),
    "dashboard: empty news": _ill("{own running}/updates/new", "Continue"),
    "dashboard: news to look at": _own(
        "{own running}/updates/new",
        type_in("Title", "The roof"),
        type_in("What is new?", "It is **on**.\n\n* Nearly"),
        press("Continue"),
    ),
    "dashboard: money collected": _own("{own running}/collected"),
    "dashboard: nothing collected": _ill("{own running}/collected", "Continue"),
    "dashboard: cancel": _ill("{own running}/cancel", "Cancel the project for good"),
    "dashboard: history": _own("{own running}/history"),
    "launch kit": _own("{own running}/launch-kit"),
    "launch kit: poster": _own("{own running}/launch-kit/print"),
    "news off": Scene("{news off}"),
}
SCENES_OF_GROUPS: dict[str, Scene] = {**_FINDING_OUT, **_GROUP, **_DRAFT, **_AFTER}

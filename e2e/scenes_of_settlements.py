"""What backers, the public and officers see between the deadline and the money."""

from e2e.scene import Scene, Who, wrong

_A = Who.APPROVER
SCENES_OF_SETTLEMENTS: dict[str, Scene] = {
    "project: being collected": Scene("{project collecting}"),
    "project: too little": Scene("{project short}"),
    "project: funded": Scene("{project funded}"),
    "pledge: being collected": Scene("{pledge collecting}", who=Who.HOLDER),
    "pledge: to be fixed": Scene("{pledge fixing}", who=Who.HOLDER),
    "pledge: paid": Scene("{pledge paid}", who=Who.HOLDER),
    "pledge: lapsed": Scene("{pledge lapsed}", who=Who.HOLDER),
    "fix": Scene("{pledge fixing}/fix", who=Who.HOLDER),
    "fix: not finished": Scene("{pledge unfinished}/fix", who=Who.HOLDER),
    "fix: nothing to do": Scene("{pledge collecting}/fix", who=Who.HOLDER),
    "fix: too late": Scene("{pledge lapsed}/fix", who=Who.HOLDER),
    "fix: paid already": Scene("{pledge paid}/fix", who=Who.HOLDER),
    "settlements: all": Scene("/officers/settlements", who=_A),
    "settlement: being collected": Scene("{settlement collecting}", who=_A),
    "settlement: short": Scene("{settlement short}", who=_A),
    "settlement: decide": Scene("{settlement short}/decide", who=_A),
    "settlement: top up": wrong("{settlement short}/top-up", "Record the top-up", who=_A),
    "settlement: funded": Scene("{settlement funded}", who=_A),
    "settlement: hold": Scene("{settlement funded}/hold", who=_A),
    "exposure": wrong("{exposure}", "Record the decision", who=_A),
}

"""What the demonstration is made of: groups, projects, people and backers, all made up. Money is pence."""

from dataclasses import dataclass
from enum import StrEnum

from crowdfund.accounts.roles import MemberRole, OfficerRole
from crowdfund.funds.rules import FunderKind
from crowdfund.groups.rules import LegalForm
from crowdfund.pledges.rules import Audience
from crowdfund.projects.rules import ProjectState, Theme, minimum_target


class PersonKind(StrEnum):
    """What a demo person is there to show."""

    RESIDENT = "resident"
    GROUP_OWNER = "group_owner"
    CHECKER = "checker"
    APPROVER = "approver"
    FINANCE = "finance"
    ADMINISTRATOR = "administrator"
    FUNDER = "funder"
    FUNDER_APPROVER = "funder_approver"
    FUNDER_FINANCE = "funder_finance"
    FUNDER_VIEWER = "funder_viewer"
    FUNDER_ADMINISTRATOR = "funder_administrator"


ROLES: dict[PersonKind, OfficerRole] = {
    PersonKind.CHECKER: OfficerRole.PROGRAMME_CHECKER,
    PersonKind.APPROVER: OfficerRole.PROGRAMME_APPROVER,
    PersonKind.FINANCE: OfficerRole.PROGRAMME_FINANCE,
    PersonKind.ADMINISTRATOR: OfficerRole.PROGRAMME_ADMINISTRATOR,
    PersonKind.FUNDER: OfficerRole.FUNDER_ASSESSOR,
    PersonKind.FUNDER_APPROVER: OfficerRole.FUNDER_APPROVER,
    PersonKind.FUNDER_FINANCE: OfficerRole.FUNDER_FINANCE,
    PersonKind.FUNDER_VIEWER: OfficerRole.FUNDER_VIEWER,
    PersonKind.FUNDER_ADMINISTRATOR: OfficerRole.FUNDER_ADMINISTRATOR,
}


@dataclass(frozen=True)
class DemoPerson:
    """Somebody to sign in as; `group` is the key of the group they own, `funder` the slug of whom they work for.

    `limit_pence` is the most that an approver decides alone.
    """

    name: str
    email: str
    kind: PersonKind
    role: str
    try_this: str
    group: str | None
    funder: str | None
    limit_pence: int | None = None


@dataclass(frozen=True)
class DemoBudget:
    """Money of a fund by its source, for the financial year in which the demonstration is filled."""

    source: str
    pence: int


@dataclass(frozen=True)
class DemoFund:
    """A funder's pot with its terms; its dates count in days from the day on which the demonstration is filled."""

    slug: str
    name: str
    about: str
    opens_in_days: int
    closes_in_days: int
    decides_in_days: int
    most_pence: int
    confidence: str
    allows_capital: bool
    budget: tuple[DemoBudget, ...]
    kind: str = "lump"
    percent: int | None = None
    per_backer_pence: int | None = None
    crowd_percent: int | None = None
    joint_percent: int | None = None
    pay_backers: int = 0
    pay_percent: int = 0
    several_gifts: int = 2
    districts: str = ""  # a code, 'kent' for the twelve districts, empty for everywhere
    objectives: tuple[str, ...] = ()
    may_exceed: str = ""
    call_in_days: int = 0
    pays_direct: bool = False


@dataclass(frozen=True)
class DemoFunder:
    """An organisation with money to give."""

    slug: str
    name: str
    kind: FunderKind
    funds: tuple[DemoFund, ...]


@dataclass(frozen=True)
class DemoMember:
    """A member of a group."""

    name: str
    email: str
    role: MemberRole


@dataclass(frozen=True)
class DemoGroup:
    """A community group; `host` is the key of the group that holds an informal one's money."""

    key: str
    name: str
    legal_form: LegalForm
    charity_number: str | None
    company_number: str | None
    number_is_made_up: bool
    host: str | None
    town: str
    postcode: str
    district_code: str
    about: str
    contact_email: str
    members: tuple[DemoMember, ...]


@dataclass(frozen=True)
class DemoCost:
    """A cost line."""

    label: str
    pence: int
    is_capital: bool


@dataclass(frozen=True)
class DemoOtherMoney:
    """Money from elsewhere, confirmed or hoped for."""

    label: str
    pence: int
    is_public: bool
    is_confirmed: bool


@dataclass(frozen=True)
class DemoMilestone:
    """A step of the work, so many months after the deadline."""

    title: str
    month: int


@dataclass(frozen=True)
class DemoHelp:
    """Help that is wanted: time, skills or items."""

    kind: str
    label: str


@dataclass(frozen=True)
class DemoUse:
    """What an amount buys."""

    pence: int
    buys: str


@dataclass(frozen=True)
class DemoUpdate:
    """News from the group, posted so many days ago."""

    title: str
    body: str
    days_ago: int


@dataclass(frozen=True)
class DemoCampaign:
    """How far a launched project has come: `strength` is the share of the target already pledged."""

    launched_days_ago: int
    days_left: int
    strength: float
    backers: int


@dataclass(frozen=True)
class DemoProject:
    """A project; `picture` is its path under static, `campaign` is None before launch."""

    slug: str
    group: str
    title: str
    aim: str
    story: str
    theme: Theme
    state: ProjectState
    place: str
    postcode: str
    district_code: str
    picture: str
    picture_alt: str
    costs: tuple[DemoCost, ...]
    other_money: tuple[DemoOtherMoney, ...]
    stretch_pence: int | None
    stretch_use: str
    if_too_little: str
    if_too_much: str
    risks: str
    permissions: str
    milestones: tuple[DemoMilestone, ...]
    help_wanted: tuple[DemoHelp, ...]
    money_use: tuple[DemoUse, ...]
    campaign: DemoCampaign | None
    updates: tuple[DemoUpdate, ...]

    @property
    def target_pence(self) -> int:
        """The minimum target: costs less other money that is confirmed."""
        confirmed = [money.pence for money in self.other_money if money.is_confirmed]
        return minimum_target([cost.pence for cost in self.costs], confirmed)

    @property
    def pledged_pence(self) -> int:
        """About how much the crowd has pledged so far."""
        return round(self.target_pence * self.campaign.strength) if self.campaign else 0


@dataclass(frozen=True)
class DemoBacker:
    """One pledge: who, how much, what they said, and who may see the name and the amount."""

    name: str
    email: str
    amount_pence: int
    name_audience: Audience
    amount_audience: Audience
    message: str
    postcode: str | None
    days_ago: float

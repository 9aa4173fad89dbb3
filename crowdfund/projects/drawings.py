"""The drawing that stands for a project until its group chooses another picture."""

from crowdfund.projects.rules import Theme
from crowdfund.projects.scenes import SCENES, path_of

_BY_THEME: dict[Theme, str] = {
    Theme.COMMUNITY_SPACES: "village_hall",
    Theme.HEALTH_WELLBEING: "quiet_garden",
    Theme.CHILDREN_YOUNG_PEOPLE: "youth_club",
    Theme.ENVIRONMENT_NATURE: "orchard",
    Theme.ARTS_HERITAGE: "theatre",
    Theme.SPORT_PLAY: "playground",
    Theme.FOOD_COST_OF_LIVING: "pantry",
    Theme.ISOLATION_OLDER_PEOPLE: "shared_meal",
}


def drawing_for(theme: Theme) -> tuple[str, str]:
    """Return the drawing for a theme, as its path under static/ and what it shows."""
    key = _BY_THEME[theme]
    return path_of(key), SCENES[key].alt

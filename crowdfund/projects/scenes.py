"""The drawings that a project can have instead of a photo: file under static/images/scenes, name, what it shows."""

from typing import NamedTuple

FOLDER = "images/scenes"


class Scene(NamedTuple):
    """A drawing, by its name on the list and what people who cannot see it are told."""

    name: str
    shows: str

    @property
    def alt(self) -> str:
        """The text in place of the picture."""
        return f"A drawing of {self.shows}"


SCENES: dict[str, Scene] = {
    "village_hall": Scene("Village hall", "a village hall with solar panels, and people on the green"),
    "high_street": Scene("High street", "a street of painted shops with bunting and people talking outside"),
    "oasts": Scene("Oast houses", "three oast houses at dusk with lit windows under a full moon"),
    "windmill": Scene("Windmill", "a white windmill above ripe wheat, and two people flying a kite"),
    "fireworks": Scene("Fireworks", "fireworks over a wide river, with a crowd watching from the bank"),
    "bandstand": Scene("Bandstand", "a brass band playing in a bandstand by the river"),
    "theatre": Scene("Theatre", "four actors on a village stage, seen from the audience"),
    "church_bells": Scene("Church bells", "bells swinging in a tower, and five ringers pulling the ropes"),
    "hop_garden": Scene("Hop garden", "children and helpers picking hops between tall green bines"),
    "marsh_sheep": Scene("Sheep on the marsh", "sheep on the marsh beside a small brick hut"),
    "orchard": Scene("Orchard", "neighbours with baskets of fruit among cherry trees in blossom"),
    "bluebells": Scene("Bluebell wood", "a family on a smooth path through a wood full of bluebells"),
    "pond": Scene("Pond", "children with nets on a platform over a pond"),
    "river_trail": Scene("River trail", "people on a boardwalk by a clear river with a heron"),
    "quiet_garden": Scene("Walled garden", "people gardening and talking in a walled garden"),
    "allotment": Scene("Allotment", "people gathering pumpkins and beans on an allotment"),
    "cliffs_lighthouse": Scene("White cliffs", "walkers and a dog above white cliffs, with a lighthouse behind"),
    "dungeness": Scene("Dungeness", "children with binoculars on the shingle near a lighthouse at dusk"),
    "shingle_beach": Scene("Beach for everyone", "a woman waving from a beach wheelchair between two boats"),
    "beach_huts": Scene("Beach huts", "a tall red beach hut full of books, with children reading on the sand"),
    "tidal_pool": Scene("Tidal pool", "swimmers in a tidal pool at sunrise, below a chalk cliff"),
    "harbour": Scene("Harbour", "young people rowing a red skiff past black sheds at sunset"),
    "boat_building": Scene("Boat building", "young people building a wooden boat in a shed by a creek"),
    "canoes": Scene("Canoes", "two canoes on a calm green river below a castle"),
    "playground": Scene("Playground", "children on swings, a slide and a level roundabout"),
    "skate_park": Scene("Skate park", "young people on skateboards and a scooter on concrete ramps"),
    "walking_football": Scene("Walking football", "older men and women playing walking football"),
    "boxing": Scene("Boxing", "a woman in red gloves training with a coach in a boxing ring"),
    "tea_dance": Scene("Tea dance", "couples of all ages dancing under a mirror ball"),
    "choir": Scene("Choir", "a choir of all ages singing on wooden steps by the sea"),
    "youth_club": Scene("Youth club", "young people playing table tennis in a youth club with a mural"),
    "homework_club": Scene("Homework club", "children reading at a long library table with two helpers"),
    "bike_workshop": Scene("Bike workshop", "a teenager and a mechanic working on a red bike"),
    "shed": Scene("Workshop", "two men and a woman making bird boxes at a long workbench"),
    "repair_cafe": Scene("Repair café", "volunteers mending a radio, a toaster and a lamp"),
    "library_of_things": Scene("Library of things", "a helper handing a drill over a counter before full shelves"),
    "pantry": Scene("Pantry", "a corner pantry with crates of fruit and vegetables"),
    "shared_meal": Scene("Shared meal", "neighbours of all ages round one long table with soup and bread"),
    "cafe": Scene("Seaside café", "friends at a long table with tea and cake by the sea"),
    "minibus": Scene("Minibus", "a community minibus with a ramp, picking up a man in a wheelchair"),
}


def path_of(key: str) -> str:
    """Return a drawing's path under static/."""
    return f"{FOLDER}/{key}.svg"


def key_of(picture: str) -> str | None:
    """Return which drawing a project's picture is, None for a photo."""
    key = picture.removeprefix(f"{FOLDER}/").removesuffix(".svg")
    return key if key in SCENES else None

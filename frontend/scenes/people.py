"""People, built from a few round strokes so that every scene has life in it."""

import re
from dataclasses import dataclass

from kit import (
    BLUSH,
    BRICK,
    CLAY,
    CORN,
    HOP,
    INK,
    PLUM,
    SEA,
    SLATE,
    STRAW,
    TIMBER,
    VIOLET,
    WHITE,
    circle,
    path,
    put,
    stroke,
)

PALE, FAIR, TAN, BROWN, DEEP = "#f3cfae", "#e2ad82", "#c58a5c", "#94603c", "#63402a"
GREY, SILVER, GINGER = "#9c9a94", "#e3e0d8", "#b9622c"

# Hands (and elbows) as the right and left arm go from the shoulder; legs from the hip.
ARMS = {
    "stand": "M-19-96L-27-76-25-56M19-96L27-76 25-56",
    "wave": "M-19-96L-27-76-25-56M19-96L36-112 40-140",
    "up": "M-19-96L-36-114-38-144M19-96L36-114 38-144",
    "reach": "M-12-92L12-80 38-84M16-96L28-82 46-88",
    "give": "M-10-92L8-70 34-74M16-94L26-72 42-76",
    "walk": "M-16-96L-30-78-28-58M16-96L30-80 36-66",
    "hold": "M-19-96L-28-76-6-66M19-96L28-76 6-66",
    "hips": "M-19-96L-36-80-20-62M19-96L36-80 20-62",
    "row": "M-8-92L18-86 44-78M10-94L28-84 48-76",
    "glass": "M-19-96L-34-86-12-124M19-96L34-86 12-124",
    "pull": "M-12-98L-14-122 0-150M12-98L16-118 2-142",
    "point": "M-19-96L-27-76-25-56M16-96L42-100 62-106",
}
LEGS = {
    "stand": ("M-9-56L-10-4M9-56L10-4", "M-12-2h-3M12-2h3"),
    "walk": ("M-6-56L-20-4M6-56L14-30 22-4", "M-20-2h4M22-2h5"),
    "sit": ("M-2-56L28-52 30-4M4-52L34-48 38-4", "M32-2h6M40-2h5"),
    "wide": ("M-9-56L-26-4M9-56L26-4", "M-28-2h-3M28-2h3"),
    "none": ("", ""),
}


@dataclass(frozen=True)
class Looks:
    """How somebody looks: skin, hair, clothes."""

    skin: str = FAIR
    hair: str = TIMBER
    top: str = BRICK
    legs: str = SLATE
    style: str = "short"


def _hand_path(arms: str) -> str:
    ends = []
    for arm in arms.split("M")[1:]:
        numbers = arm.replace("L", " ").replace("-", " -").split()
        ends.append(f"M{numbers[-2]} {numbers[-1]}h0")
    return "".join(ends)


def _hair(style: str, colour: str) -> tuple[str, str]:
    """Return what is drawn behind the head and what in front."""
    cap = f'<use href="#b-hair" fill="{colour}"/>'
    styles = {
        "short": ("", cap),
        "bob": (path("M-20-130a20 20 0 0 1 40 0v20h-40z", colour), cap),
        "long": (path("M-20-130a20 20 0 0 1 40 0q2 26 4 40h-48q2-14 4-40z", colour), cap),
        "bun": (circle(0, -153, 9, colour), cap),
        "curls": (circle(0, -138, 23, colour), path("M-17-130a17 17 0 0 1 34 0q-17-14-34 0z", colour)),
        "bald": ("", ""),
        "hat": ("", path("M-26-136q26-8 52 0l-8-3q-2-18-18-18t-18 18z", colour)),
        "cap": ("", path("M-18-132a18 18 0 0 1 36 0l14 3-1 4h-49z", colour)),
        "scarf": (
            path("M-21-128a21 21 0 0 1 42 0q2 18 8 28h-58q6-10 8-28z", colour),
            path("M-18-128a18 18 0 0 1 36 0q-8-9-18-9t-18 9z", colour),
        ),
        "turban": (
            "",
            path("M-21-128q-8-34 21-36 29 2 21 36-9-11-21-14-12 3-21 14z", colour)
            + stroke("M-18-146q18-14 34 6", INK, 2, o=".4"),
        ),
        "helmet": ("", path("M-21-130a21 21 0 0 1 42 0z", colour)),
    }
    return styles[style]


def body(legs: str) -> str:
    """Return the part everybody shares; it inherits stroke (trousers), fill (top) and colour (skin)."""
    limb, shoes = LEGS[legs]
    lower = stroke(shoes, INK, 9) + f'<path d="{limb}" stroke-width="15" fill="none"/>' if limb else ""
    return (
        f'<g id="b-{legs}">{lower}<g stroke="none"><path d="M-6-116h12v14h-12z" fill="currentColor"/>'
        '<path d="M-22-99q2-8 12-9h20q10 1 12 9l2 46h-48z"/><circle cy="-131" r="17" fill="currentColor"/></g>'
        + stroke("M-6-131v1M6-131v1M-5-123q5 5 10 0", INK, 3, fill="none")
        + "</g>"
    )


def arms(pose: str, skin: str, top: str) -> str:
    """Return both arms and hands of a pose."""
    return stroke(ARMS[pose], top, 12) + stroke(_hand_path(ARMS[pose]), skin, 13)


def people_in(picture: str) -> str:
    """Return the picture with the bodies and arms that its people share defined at its head."""
    used = "".join(body(legs) for legs in LEGS if f'"#b-{legs}"' in picture)
    if '"#b-hair"' in picture:
        used += '<path id="b-hair" d="M-18-130a18 18 0 0 1 36 0q-8-11-20-10-11 1-16 10z"/>'
    for pose in ARMS:
        if picture.count(f'"#a-{pose}"') > 1:
            shared = arms(pose, "currentColor", "").replace(' stroke=""', "")
            used += f'<g id="a-{pose}">{shared}</g>'
        else:
            alone = re.compile(f'<use href="#a-{pose}" color="(.*?)" stroke="(.*?)"/>')
            picture = alone.sub(lambda use, pose=pose: arms(pose, use[1], use[2]), picture)
    return picture.replace(">", f"><defs>{used}</defs>", 1) if used else picture


def person(
    x: float, y: float, s: float, looks: Looks, pose: str = "stand", legs: str = "stand", *, flip: bool = False
) -> str:
    """Draw somebody about 150 units tall at size 1, their feet at (x, y)."""
    behind, front = _hair(looks.style, looks.hair)
    shared = f'<use href="#b-{legs}" color="{looks.skin}" fill="{looks.top}" stroke="{looks.legs}"/>'
    hands = f'<use href="#a-{pose}" color="{looks.skin}" stroke="{looks.top}"/>'
    return put(behind + shared + front + hands, x, y, s, flip=flip)


def bust(x: float, y: float, s: float, skin: str, hair: str, top: str) -> str:
    """Draw a head and shoulders seen from behind."""
    body = path("M-44 60q0-52 44-52t44 52z", top) + circle(0, -14, 27, skin) + circle(0, -18, 28, hair)
    return put(body, x, y, s)


def wheelchair(x: float, y: float, s: float, looks: Looks, pose: str = "wave", *, flip: bool = False) -> str:
    """Draw somebody in a wheelchair, wheels on the ground at y."""
    chair = (
        stroke("M-34-96v60h50l14 32h14M-34-92h-10", INK, 6)
        + circle(-14, -34, 34, "none", stroke=INK, sw=6)
        + circle(-14, -34, 4, INK)
        + circle(34, -9, 8, INK)
    )
    return put(put(person(0, 14, 1, looks, pose, "sit"), -8, -18) + chair, x, y, s, flip=flip)


CAST = {
    "ada": Looks(DEEP, INK, CORN, SEA, "curls"),
    "bill": Looks(PALE, SILVER, SEA, SLATE, "short"),
    "cleo": Looks(BROWN, INK, BRICK, INK, "bun"),
    "dev": Looks(TAN, INK, HOP, SLATE, "short"),
    "edie": Looks(PALE, SILVER, VIOLET, SLATE, "bob"),
    "finn": Looks(FAIR, GINGER, STRAW, SEA, "short"),
    "gita": Looks(TAN, INK, CLAY, PLUM, "long"),
    "hana": Looks(FAIR, SEA, BLUSH, SEA, "scarf"),
    "iris": Looks(FAIR, TIMBER, WHITE, HOP, "long"),
    "jas": Looks(TAN, BRICK, SLATE, INK, "turban"),
    "kofi": Looks(DEEP, INK, WHITE, HOP, "short"),
    "len": Looks(PALE, GREY, BRICK, SLATE, "cap"),
    "mae": Looks(FAIR, GINGER, HOP, BRICK, "long"),
    "ned": Looks(BROWN, INK, SEA, CORN, "curls"),
    "olga": Looks(PALE, CORN, SEA, INK, "bob"),
    "pat": Looks(FAIR, GREY, CORN, SLATE, "bald"),
}


def who(
    name: str, x: float, y: float, s: float = 1, pose: str = "stand", legs: str = "stand", *, flip: bool = False
) -> str:
    """Draw one of the cast by name."""
    return person(x, y, s, CAST[name], pose, legs, flip=flip)

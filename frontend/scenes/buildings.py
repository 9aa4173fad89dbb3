"""Houses, oasts, towers, boats and the furniture of streets and rooms."""

from collections.abc import Sequence

from kit import (
    BRICK,
    CHALK,
    CLAY,
    CORN,
    CREAM,
    DARK,
    FOAM,
    HOP,
    INK,
    LEAF,
    MIST,
    SEA,
    SLATE,
    STONE,
    STRAW,
    TIMBER,
    WHITE,
    WOOD,
    circle,
    num,
    oval,
    path,
    poly,
    put,
    rect,
    stroke,
)

FLAGS = (BRICK, CORN, SEA, LEAF)


def panes(spots: Sequence[tuple[float, float]], w: float, h: float, glass: str = FOAM) -> str:
    """Draw windows of one size, each with a cross of glazing bars."""
    glassed = "".join(f"M{num(x)} {num(y)}h{num(w)}v{num(h)}h-{num(w)}z" for x, y in spots)
    bars = "".join(f"M{num(x + w / 2)} {num(y)}v{num(h)}M{num(x)} {num(y + h / 2)}h{num(w)}" for x, y in spots)
    return path(glassed, glass, stroke=CHALK, sw=5) + stroke(bars, CHALK, 3)


def cottage(x: float, y: float, w: float, h: float, wall: str = CREAM, roof: str = BRICK, door: str = SEA) -> str:
    """Draw a house with a gabled roof, its foot at y."""
    top = y - h
    return (
        rect(x, top, w, h, wall)
        + poly(
            [(x - 14, top + 4), (x + w * 0.12, top - h * 0.55), (x + w * 0.88, top - h * 0.55), (x + w + 14, top + 4)],
            roof,
        )
        + rect(x + w * 0.74, top - h * 0.8, w * 0.1, h * 0.4, CLAY)
        + path(f"M{num(x + w * 0.43)} {num(y)}v-{num(h * 0.5)}h{num(w * 0.16)}v{num(h * 0.5)}z", door)
        + panes([(x + w * 0.12, y - h * 0.62), (x + w * 0.7, y - h * 0.62)], w * 0.18, h * 0.3)
    )


def oast(x: float, y: float, s: float = 1, glow: str = FOAM) -> str:
    """Draw an oast: a round brick kiln, its cone and white cowl; about 360 tall."""
    return put(
        rect(-70, -170, 140, 170, BRICK)
        + path("M20-170h50V0H20z", "#8f3419", o=".6")
        + path("M-80-166Q-30-250-16-322h32q14 72 64 156-80 20-160 0z", CLAY)
        + path("M10-322h6q14 72 64 156-26 8-50 9z", "#b2573a")
        + path("M-18-318l6-52q16-10 30 0l40-6-22 58z", WHITE)
        + path("M-30-90a30 30 0 0 1 60 0v10h-60z", glow, stroke=CHALK, sw=5)
        + stroke("M0-118v38M-66-40h40M-10-16h34M30-136h30M-60-130h22", "#8f3419", 4),
        x,
        y,
        s,
    )


def hut(x: float, y: float, w: float, colour: str, roof: str = CHALK, *, is_open: bool = False) -> str:
    """Draw a beach hut on short legs, its foot at y."""
    h = w * 1.05
    door = rect(x + w * 0.26, y - h * 0.82, w * 0.48, h * 0.72, INK if is_open else CHALK) + (
        "" if is_open else stroke(f"M{num(x + w / 2)} {num(y - h * 0.82)}v{num(h * 0.72)}", colour, 4)
    )
    planks = "".join(f"M{num(x + w * k / 8)} {num(y - h * 0.1)}v-{num(h * 0.86)}" for k in (1, 7))
    return (
        stroke(f"M{num(x + 14)} {num(y)}v-20M{num(x + w - 14)} {num(y)}v-20", TIMBER, 10)
        + poly([(x, y - 14), (x, y - h), (x + w / 2, y - h * 1.5), (x + w, y - h), (x + w, y - 14)], colour)
        + stroke(planks, WHITE, 3, o=".35")
        + door
        + stroke(
            f"M{num(x - 10)} {num(y - h + 8)}L{num(x + w / 2)} {num(y - h * 1.5)} {num(x + w + 10)} {num(y - h + 8)}",
            roof,
            12,
        )
    )


def bunting(x: float, y: float, w: float, sag: float, count: int = 12) -> str:
    """Draw a string of flags that sags in the middle."""
    out = [stroke(f"M{num(x)} {num(y)}q{num(w / 2)} {num(sag * 2)} {num(w)} 0", SLATE, 3)]
    by_colour: dict[str, str] = {}
    for i in range(count):
        t = (i + 0.5) / count
        left, top = x + t * w, y + 4 * sag * t * (1 - t)
        by_colour[FLAGS[i % 4]] = by_colour.get(FLAGS[i % 4], "") + f"M{num(left - 13)} {num(top)}h26l-13 30z"
    return "".join(out) + "".join(path(d, colour) for colour, d in by_colour.items())


def lights(x: float, y: float, w: float, sag: float, count: int = 9) -> str:
    """Draw a string of warm bulbs."""
    spots = [
        (x + (i + 0.5) / count * w, y + 4 * sag * ((i + 0.5) / count) * (1 - (i + 0.5) / count) + 8)
        for i in range(count)
    ]
    d = "".join(f"M{num(a)} {num(b)}h0" for a, b in spots)
    return (
        stroke(f"M{num(x)} {num(y)}q{num(w / 2)} {num(sag * 2)} {num(w)} 0", SLATE, 3)
        + stroke(d, STRAW, 34, o=".35")
        + stroke(d, "#ffe9ad", 17)
    )


def bench(x: float, y: float, w: float = 150, colour: str = WOOD) -> str:
    """Draw a park bench from the front."""
    return stroke(
        f"M{num(x)} {num(y - 78)}h{num(w)}M{num(x)} {num(y - 58)}h{num(w)}M{num(x - 6)} {num(y - 34)}h{num(w + 12)}",
        colour,
        11,
    ) + stroke(f"M{num(x + 10)} {num(y)}v-80M{num(x + w - 10)} {num(y)}v-80", INK, 7)


def pendant(x: float, drop: float, colour: str = BRICK) -> str:
    """Draw a lamp hanging from the ceiling with its light."""
    return (
        poly(
            [(x - 40, drop + 30), (x + 40, drop + 30), (x + 150, drop + 330), (x - 150, drop + 330)], "#fff3c9", o=".22"
        )
        + stroke(f"M{num(x)} 0v{num(drop)}", INK, 4)
        + circle(x, drop + 30, 14, "#fff3c9")
        + path(f"M{num(x - 48)} {num(drop + 30)}a48 44 0 0 1 96 0z", colour)
    )


def table(x: float, y: float, w: float, h: float, top: str = WOOD, leg: str = TIMBER) -> str:
    """Draw a table seen from the front, its feet at y + h."""
    return stroke(f"M{num(x + 36)} {num(y)}v{num(h)}M{num(x + w - 36)} {num(y)}v{num(h)}", leg, 16) + rect(
        x, y - 12, w, 26, top, 8
    )


def books(x: float, y: float, w: float, seed: int = 0, tall: float = 78) -> str:
    """Draw a row of books standing on a shelf at y."""
    tones = (BRICK, SEA, CORN, HOP, CREAM, CLAY)
    rows: dict[str, str] = {}
    at, i = x, seed
    while at < x + w - 12:
        wide, high = 14 + (i * 7) % 12, tall * (0.72 + (i * 13 % 10) / 36)
        tone = tones[i * 5 % 6]
        rows[tone] = rows.get(tone, "") + f"M{num(at)} {num(y)}v-{num(high)}h{wide}v{num(high)}z"
        at, i = at + wide + 2, i + 1
    return "".join(path(d, tone) for tone, d in rows.items())


def boat(x: float, y: float, s: float = 1, hull: str = SEA, band: str = CHALK, *, flip: bool = False) -> str:
    """Draw a small clinker boat."""
    return put(
        path("M-130-44q130 26 260-8-16 60-56 64h-150q-40-4-54-56z", hull)
        + stroke("M-130-44q130 26 260-8", band, 9)
        + stroke("M-112-14q110 18 222-6", WHITE, 3, o=".4"),
        x,
        y,
        s,
        flip=flip,
    )


def barge(x: float, y: float, s: float = 1) -> str:
    """Draw a sailing barge with rust-red sails."""
    return put(
        stroke("M0-30v-330M0-300L120-340", TIMBER, 8)
        + path("M8-60L10-300 116-330Q150-180 140-60z", BRICK)
        + path("M-8-60V-330Q-90-190-110-60z", CLAY)
        + path("M10-310L14-380 70-350z", "#8f3419")
        + path("M-150-40h310q-10 44-44 46h-220q-34 0-46-46z", DARK)
        + stroke("M-148-40h306", CORN, 6),
        x,
        y,
        s,
    )


def lighthouse(x: float, y: float, s: float = 1, band: str = BRICK) -> str:
    """Draw a lighthouse with bands, about 330 tall."""
    return put(
        path("M-44 0L-26-250h52L44 0z", WHITE)
        + path("M-41-40L-37-96h74l4 56zM-33-150l-4 0 4-50h66l4 50z", band)
        + path("M10-250h16L44 0H20z", INK, o=".08")
        + rect(-36, -262, 72, 14, INK, 3)
        + rect(-22, -304, 44, 44, "#ffe9ad")
        + stroke("M-22-304v42M22-304v42M0-304v42", INK, 5)
        + path("M-30-304a30 30 0 0 1 60 0z", band)
        + stroke("M0-334v-16", INK, 5),
        x,
        y,
        s,
    )


def bike(x: float, y: float, s: float = 1, frame: str = BRICK, *, flip: bool = False) -> str:
    """Draw a bicycle, its wheels on the ground at y."""
    return put(
        circle(-70, -44, 42, "none", stroke=INK, sw=7)
        + circle(70, -44, 42, "none", stroke=INK, sw=7)
        + stroke("M-70-44L-26-108 46-112 0-44-70-44M0-44L-32-124M46-112L70-44M46-112l-4-24", frame, 8)
        + stroke("M-46-126h28M30-142q24-6 34 8", INK, 8)
        + circle(0, -44, 10, STONE),
        x,
        y,
        s,
        flip=flip,
    )


def awning(x: float, y: float, w: float, stripe: str = BRICK, drop: float = 54) -> str:
    """Draw a striped awning over a shop front."""
    each = w / 8
    d = "".join(
        f"M{num(x + i * each)} {num(y)}h{num(each)}v{num(drop)}a{num(each / 2)} {num(each / 2)} 0 0 1-{num(each)} 0z"
        for i in range(0, 8, 2)
    )
    white = "".join(
        f"M{num(x + i * each)} {num(y)}h{num(each)}v{num(drop)}a{num(each / 2)} {num(each / 2)} 0 0 1-{num(each)} 0z"
        for i in range(1, 8, 2)
    )
    return path(d, stripe) + path(white, CHALK)


def room(wall: str, floor: str, line: float = 600, skirting: str = CHALK) -> str:
    """Fill the sheet with a wall and a floor."""
    return (
        rect(0, 0, 1200, line, wall)
        + rect(0, line, 1200, 800 - line, floor)
        + rect(0, line - 14, 1200, 14, skirting, o=".6")
    )


def window(x: float, y: float, w: float, h: float, view: str, frame: str = CHALK) -> str:
    """Draw a window frame over a view that the caller has drawn to fit."""
    return (
        view
        + path(f"M{num(x)} {num(y)}h{num(w)}v{num(h)}h-{num(w)}z", "none", stroke=frame, sw=16)
        + stroke(f"M{num(x + w / 2)} {num(y)}v{num(h)}M{num(x)} {num(y + h * 0.4)}h{num(w)}", frame, 8)
        + rect(x - 20, y + h + 4, w + 40, 14, frame, 4)
    )


def shelf(x: float, y: float, w: float, colour: str = TIMBER) -> str:
    """Draw a plank shelf whose top is at y."""
    return rect(x, y, w, 12, colour, 3)


def mug(x: float, y: float, s: float = 1, colour: str = CHALK) -> str:
    """Draw a steaming mug standing at y."""
    return put(
        rect(-13, -28, 26, 28, colour, 5)
        + circle(16, -15, 8, "none", stroke=colour, sw=4)
        + stroke("M-5-36q6-8 0-16M6-36q6-8 0-16", WHITE, 3, o=".7"),
        x,
        y,
        s,
    )


def crate(x: float, y: float, fill: str, s: float = 1) -> str:
    """Draw a wooden crate heaped with round produce, its foot at y."""
    heap = stroke("M-34-42h0M-10-48h0M14-44h0M36-42h0M2-60h0M-22-58h0M24-58h0", fill, 26)
    return put(heap + rect(-56, -40, 112, 40, WOOD, 3) + stroke("M-56-27h112M-56-13h112", TIMBER, 3), x, y, s)


def oval_rug(x: float, y: float, rx: float, ry: float, colour: str) -> str:
    """Draw a rug with a lighter border."""
    return oval(x, y, rx, ry, colour) + oval(x, y, rx * 0.88, ry * 0.8, "none", stroke=MIST, sw=5, o=".6")


def door(x: float, y: float, w: float, h: float, colour: str = HOP) -> str:
    """Draw a panelled door, its foot at y."""
    return (
        rect(x, y - h, w, h, colour)
        + stroke(
            f"M{num(x + w * 0.2)} {num(y - h * 0.9)}h{num(w * 0.6)}v{num(h * 0.35)}h-{num(w * 0.6)}zM{num(x + w * 0.2)} {num(y - h * 0.45)}h{num(w * 0.6)}v{num(h * 0.35)}h-{num(w * 0.6)}z",
            STRAW,
            3,
            o=".6",
        )
        + circle(x + w * 0.86, y - h * 0.48, 5, STRAW)
    )

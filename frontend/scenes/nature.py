"""Trees, clouds, birds, plants and beasts."""

import random
from collections.abc import Sequence

from kit import (
    CHALK,
    CORN,
    HOP,
    INK,
    LEAF,
    MINT,
    SAGE,
    STRAW,
    TIMBER,
    WHITE,
    WOOD,
    Point,
    circle,
    dots,
    num,
    oval,
    path,
    put,
    rect,
    stroke,
)


def sun(x: float, y: float, r: float, colour: str = STRAW) -> str:
    """Draw the sun with a soft ring round it."""
    return circle(x, y, r * 1.5, colour, o=".35") + circle(x, y, r, colour)


def cloud(x: float, y: float, s: float = 1, colour: str = WHITE) -> str:
    """Draw a flat-bottomed cloud about 180 wide."""
    return path(
        f"M{num(x)} {num(y)}h{num(150 * s)}a{num(28 * s)} {num(28 * s)} 0 0 0-{num(10 * s)}-{num(54 * s)} "
        f"{num(42 * s)} {num(42 * s)} 0 0 0-{num(74 * s)}-{num(18 * s)} {num(34 * s)} {num(34 * s)} 0 0 0-{num(56 * s)} "
        f"{num(22 * s)} {num(25 * s)} {num(25 * s)} 0 0 0-{num(10 * s)} {num(50 * s)}z",
        colour,
        o=".85",
    )


def birds(points: Sequence[Point], colour: str = INK, size: float = 14) -> str:
    """Draw gulls far off, each a pair of wings."""
    h = num(size)
    d = "".join(
        f"M{num(x)} {num(y)}q{h}-{h} {num(size * 1.3)} 2 {num(size * 0.5)}-{num(size)} {num(size * 1.4)}-4"
        for x, y in points
    )
    return stroke(d, colour, 3)


def gull(x: float, y: float, s: float = 1, *, flip: bool = False) -> str:
    """Draw a gull standing."""
    body = (
        stroke("M-6 0v-16M6 0v-16", CORN, 4)
        + path("M-44-34q20 26 54 16 22-6 22-34l-18-4q-4 14-20 16-24 0-38 6z", WHITE)
        + path("M-52-30q24-14 50-8l6 12q-24 10-56-4z", "#a9b6b8")
        + circle(24, -58, 12, WHITE)
        + path("M34-60l16 4-16 4z", CORN)
        + circle(27, -60, 2.5, INK)
    )
    return put(body, x, y, s, flip=flip)


def tree(s: float = 1, leaf: str = LEAF, light: str = SAGE, trunk: str = TIMBER) -> str:
    """Draw a round tree, its foot at the origin, about 170 tall."""
    return put(
        stroke("M0 0v-70M0-40l22-26M0-56l-20-20", trunk, 12)
        + path("M-62-84a44 44 0 0 1 24-66 46 46 0 0 1 82-4 44 44 0 0 1 20 72q-20 26-60 16-42 14-66-18z", leaf)
        + path("M-44-110a38 38 0 0 1 26-38 36 36 0 0 1 48-8 70 60 0 0 0-74 46z", light, o=".7"),
        s=s,
    )


def poplar(s: float = 1, leaf: str = HOP) -> str:
    """Draw a tall thin tree, its foot at the origin."""
    return put(stroke("M0 0v-40", TIMBER, 8) + path("M0-210q44 90 26 150-26 30-52 0-18-60 26-150z", leaf), s=s)


def willow(x: float, y: float, s: float = 1, leaf: str = SAGE) -> str:
    """Draw a willow leaning over water."""
    strands = "".join(
        f"M{i}-{190 - abs(i) // 3}q{-8 if i < 0 else 8} 60 {-14 if i < 0 else 14} {120 + (i * 7) % 40}"
        for i in range(-100, 120, 22)
    )
    return put(
        stroke("M0 0q14-80-6-150M4-90q30-40 60-60M2-110q-40-20-60-50", TIMBER, 18)
        + oval(0, -190, 120, 62, leaf)
        + stroke(strands, leaf, 13)
        + oval(-20, -206, 70, 30, MINT, o=".4"),
        x,
        y,
        s,
    )


def bush(x: float, y: float, w: float, colour: str = HOP) -> str:
    """Draw a low bush, flat at the foot."""
    u = w / 6
    return path(
        f"M{num(x)} {num(y)}a{num(u)} {num(u)} 0 0 1 {num(u)}-{num(u * 1.2)} {num(u * 1.3)} {num(u * 1.3)} 0 0 1 {num(u * 2)}-{num(u * 0.6)} "
        f"{num(u * 1.2)} {num(u * 1.2)} 0 0 1 {num(u * 1.8)} {num(u * 0.6)} {num(u)} {num(u)} 0 0 1 {num(u * 1.2)} {num(u * 1.2)}z",
        colour,
    )


def reeds(x: float, y: float, count: int, colour: str = HOP, height: float = 110) -> str:
    """Draw reeds with brown heads along the waterside."""
    d, heads = "", []
    for i in range(count):
        tall, lean = height * (0.7 + (i * 37 % 10) / 25), (i % 3 - 1) * 9
        left = x + i * 15
        d += f"M{num(left)} {num(y)}q{lean}-{num(tall / 2)} {lean}-{num(tall)}"
        if i % 3 == 0:
            heads.append((left + lean, y - tall))
    tips = "".join(f"M{num(a)} {num(b)}v-20" for a, b in heads)
    return stroke(d, colour, 5) + stroke(tips, WOOD, 10)


def scatter(x0: float, y0: float, x1: float, y1: float, count: int, seed: int = 1) -> list[Point]:
    """Return points strewn over a rectangle, the same every time for a seed."""
    dice = random.Random(seed)
    return [(dice.randint(int(x0), int(x1)), dice.randint(int(y0), int(y1))) for _ in range(count)]


def flowers(points: Sequence[Point], petal: str, size: float = 12, stem: str = LEAF) -> str:
    """Draw flowers on stems."""
    stems = "".join(f"M{num(x)} {num(y)}v{num(size * 1.8)}" for x, y in points)
    return stroke(stems, stem, 3) + dots(points, petal, size) + dots(points, CORN, size / 3)


def sheep() -> str:
    """Draw a Romney sheep, its feet at the origin."""
    return (
        stroke("M-20 0v-20M-6 0v-18M14 0v-20M26 0v-18", INK, 6)
        + path(
            "M-40-34a18 18 0 0 1 16-24 20 20 0 0 1 34-8 20 20 0 0 1 28 14 16 16 0 0 1-4 30q-10 10-24 6-16 8-30 0-18 4-20-18z",
            CHALK,
        )
        + oval(-42, -44, 13, 10, INK)
        + stroke("M-34-54l8-4", INK, 6)
    )


def dog(x: float, y: float, s: float = 1, colour: str = WOOD, *, flip: bool = False) -> str:
    """Draw a dog trotting."""
    body = (
        stroke("M-24 0l4-22M-14 0v-20M16 0l-2-20M26 0l-6-22", colour, 8)
        + stroke("M-20-28h36", colour, 22)
        + stroke("M-28-34q-14-8-14-22", colour, 7)
        + circle(30, -46, 13, colour)
        + stroke("M38-44h10", colour, 11)
        + stroke("M24-52l-4 14", TIMBER, 8)
        + circle(51, -46, 3, INK)
    )
    return put(body, x, y, s, flip=flip)


def pot(x: float, y: float, s: float = 1, leaf: str = LEAF, clay: str = "#c96a45") -> str:
    """Draw a plant in a pot standing at y."""
    return put(
        stroke("M0-44q-4-40-30-56M0-44q0-50 4-80M0-44q6-36 34-50", leaf, 12)
        + path("M-28-46h56l-8 46h-40z", clay)
        + rect(-32, -52, 64, 12, clay, 3),
        x,
        y,
        s,
    )

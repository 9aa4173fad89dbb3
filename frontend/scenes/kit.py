"""The pens and colours every scene is drawn with: a 1200 by 800 sheet of flat shapes."""

import re
from collections.abc import Sequence

CHALK, CREAM, STRAW, CORN = "#faf6ee", "#f6ead2", "#f2d9a0", "#dfb15f"
BRICK, CLAY, BLUSH, PETAL = "#a8401f", "#c96a45", "#f0c4a8", "#f8dfd3"
HOP, DARK, LEAF, SAGE, MINT = "#1b4d3e", "#12352b", "#3f7a5b", "#8db28f", "#d3e2cb"
SEA, WAVE, FOAM, MIST = "#0b5563", "#3b8290", "#9cc6c8", "#d9e9e6"
INK, SLATE, STONE, WOOD, TIMBER = "#1c2321", "#4c5a60", "#b5ab99", "#8a5a38", "#5c3a24"
WHITE, PLUM, VIOLET = "#ffffff", "#5b2a6e", "#7d6bb0"

Point = tuple[float, float]


def num(value: float) -> str:
    """Write a coordinate with at most one decimal."""
    return f"{round(value, 1):g}"


def attrs(**extra: object) -> str:
    """Write SVG attributes; `o` is opacity, `sw` stroke width."""
    short = {"o": "opacity", "sw": "stroke-width"}
    return "".join(f' {short.get(k, k).replace("_", "-")}="{v}"' for k, v in extra.items())


def rect(x: float, y: float, w: float, h: float, fill: str, rx: float = 0, **extra: object) -> str:
    """Draw a rectangle, with rounded corners when `rx` is given."""
    if not rx:
        return path(f"M{num(x)} {num(y)}h{num(w)}v{num(h)}h{num(-w)}z", fill, **extra)
    box = f'x="{num(x)}" y="{num(y)}" width="{num(w)}" height="{num(h)}" rx="{num(rx)}"'
    return f'<rect {box} fill="{fill}"{attrs(**extra)}/>'


def circle(x: float, y: float, r: float, fill: str, **extra: object) -> str:
    """Draw a disc."""
    return f'<circle cx="{num(x)}" cy="{num(y)}" r="{num(r)}" fill="{fill}"{attrs(**extra)}/>'


def oval(x: float, y: float, rx: float, ry: float, fill: str, **extra: object) -> str:
    """Draw an ellipse."""
    return f'<ellipse cx="{num(x)}" cy="{num(y)}" rx="{num(rx)}" ry="{num(ry)}" fill="{fill}"{attrs(**extra)}/>'


def path(d: str, fill: str, **extra: object) -> str:
    """Draw a filled outline from path commands."""
    return f'<path d="{d}" fill="{fill}"{attrs(**extra)}/>'


def stroke(d: str, colour: str, width: float, **extra: object) -> str:
    """Draw a line from path commands; ends are round."""
    return f'<path d="{d}" stroke="{colour}" stroke-width="{num(width)}"{attrs(**extra)}/>'


def poly(points: Sequence[Point], fill: str, **extra: object) -> str:
    """Draw a straight-sided shape."""
    d = "M" + " ".join(f"{num(x)} {num(y)}" for x, y in points) + "z"
    return path(d, fill, **extra)


def dots(points: Sequence[Point], colour: str, size: float, **extra: object) -> str:
    """Draw many equal round dots as one element."""
    return stroke("".join(f"M{num(x)} {num(y)}h0" for x, y in points), colour, size, **extra)


def curve(points: Sequence[Point]) -> str:
    """Return path commands of a soft line through the points (Catmull-Rom as Béziers)."""
    out = [f"M{num(points[0][0])} {num(points[0][1])}"]
    for i in range(len(points) - 1):
        p0, p1, p2 = points[max(i - 1, 0)], points[i], points[i + 1]
        p3 = points[min(i + 2, len(points) - 1)]
        a = (p1[0] + (p2[0] - p0[0]) / 6, p1[1] + (p2[1] - p0[1]) / 6)
        b = (p2[0] - (p3[0] - p1[0]) / 6, p2[1] - (p3[1] - p1[1]) / 6)
        out.append("C" + " ".join(str(round(v)) for pair in (a, b, p2) for v in pair))
    return "".join(out)


def hill(heights: Sequence[float], fill: str, base: float = 800, **extra: object) -> str:
    """Draw land from the left edge to the right, its outline at evenly spaced heights, filled down to `base`."""
    step = 1200 / (len(heights) - 1)
    line = curve([(i * step, y) for i, y in enumerate(heights)])
    return path(f"{line}V{num(base)}H0z", fill, **extra)


def put(content: str, x: float = 0, y: float = 0, s: float = 1, *, flip: bool = False, turn: float = 0) -> str:
    """Place a drawing: moved, scaled, mirrored or turned (degrees)."""
    move = f"translate({num(x)} {num(y)})" if x or y else ""
    spin = f"rotate({num(turn)})" if turn else ""
    side = f"{-s:g} {s:g}" if flip else f"{s:g}"
    size = f"scale({side})" if flip or s != 1 else ""
    return f'<g transform="{move}{spin}{size}">{content}</g>'


def stamp(name: str, content: str) -> str:
    """Define a drawing to be used many times."""
    return f'<defs><g id="{name}">{content}</g></defs>'


def use(name: str, x: float, y: float, s: float = 1, *, flip: bool = False, **extra: object) -> str:
    """Use a stamped drawing at a place and size; `color` fills what it left as currentColor."""
    if s == 1 and not flip:
        return f'<use href="#{name}" x="{num(x)}" y="{num(y)}"{attrs(**extra)}/>'
    side = f"{-s:g} {s:g}" if flip else f"{s:g}"
    return f'<use href="#{name}" transform="translate({num(x)} {num(y)})scale({side})"{attrs(**extra)}/>'


def sky(top: str, bottom: str) -> str:
    """Fill the sheet with a soft change from one colour to the other."""
    return (
        f'<defs><linearGradient id="sky" x2="0" y2="1"><stop stop-color="{top}"/>'
        f'<stop offset=".8" stop-color="{bottom}"/></linearGradient></defs><path d="M0 0h1200v800H0z" fill="url(#sky)"/>'
    )


SAME = re.compile(r'<path d="([^"]*)"((?: (?:fill|stroke|stroke-width)="[^"]*")+)/><path d="([^"]*)"\2/>')


def tighten(picture: str) -> str:
    """Join neighbours painted alike and drop what a reader of paths does not need."""
    before = ""
    while before != picture:
        before, picture = picture, SAME.sub(r'<path d="\1\3"\2/>', picture)
    picture = re.sub(r' d="[^"]*"', lambda d: d[0].replace(" -", "-"), picture)
    return picture.replace("#ffffff", "#fff")


def sheet(*parts: str) -> str:
    """Put the parts on a sheet and return the whole picture."""
    return tighten(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1200 800" fill="none" '
        'stroke-linecap="round" stroke-linejoin="round">' + "".join(parts) + "</svg>\n"
    )

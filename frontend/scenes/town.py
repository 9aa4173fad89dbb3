"""Scenes in the street: shops, pantry, minibus and church bells."""

from buildings import awning, bunting, cottage, crate, panes
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
    MINT,
    MIST,
    PETAL,
    SAGE,
    SEA,
    SLATE,
    STONE,
    STRAW,
    TIMBER,
    VIOLET,
    WHITE,
    WOOD,
    circle,
    hill,
    path,
    put,
    rect,
    sheet,
    sky,
    stamp,
    stroke,
    use,
)
from nature import birds, bush, cloud, scatter, sun, tree
from people import CAST, wheelchair, who


def high_street() -> str:
    """A row of tall painted shop fronts, one shared and busy with people."""
    walls = (
        (0, 200, PETAL, SEA),
        (200, 230, CREAM, HOP),
        (430, 340, "#8fb8b5", BRICK),
        (770, 210, STRAW, SLATE),
        (980, 220, CLAY, DARK),
    )
    fronts = "".join(
        rect(x, 150 - w % 40, w, 520, c) + rect(x, 138 - w % 40, w, 18, WHITE) + rect(x + 12, 452, w - 24, 218, s)
        for x, w, c, s in walls
    )
    upper = stamp("w", panes([(0, 0)], 50, 76, MIST)) + "".join(
        use("w", x, y) for y in (190, 310) for x in (40, 120, 240, 340, 490, 575, 660, 805, 890, 1020, 1110)
    )
    glass = path("M30 520h100v110H30zM230 520h110v110H230zM800 520h90v110h-90zM1010 520h100v110h-100z", FOAM)
    return sheet(
        sky("#a9d4d8", "#fdf2dc"),
        fronts,
        upper,
        glass,
        path("M144 520h36v150h-36zM356 510h44v160h-44zM904 510h46v160h-46zM1124 520h46v150h-46z", STRAW),
        rect(456, 500, 190, 140, "#fff1cc"),
        path("M470 640v-60h50v60z", CLAY),
        rect(664, 490, 80, 180, "#fff1cc"),
        awning(436, 446, 328),
        rect(0, 664, 1200, 136, "#cbbfa8"),
        rect(0, 664, 1200, 14, STONE),
        bunting(0, 250, 1200, 50, 16),
        who("ada", 700, 690, 1.2, "wave"),
        who("bill", 560, 750, 1.4, "walk", "walk"),
        who("gita", 860, 740, 1.4, "walk", "walk", flip=True),
        who("iris", 270, 740, 1.35, "wave"),
        who("finn", 350, 746, 1, "walk", "walk"),
        who("jas", 1100, 740, 1.35, "hold", flip=True),
    )


def pantry() -> str:
    """A corner pantry with crates of fruit and vegetables under its awning."""
    return sheet(
        rect(0, 0, 1200, 800, "#c98b69"),
        stroke("".join(f"M{x} {y}h44" for x, y in scatter(10, 10, 1180, 640, 36, 4)), "#b57654", 8),
        rect(120, 130, 960, 540, HOP),
        rect(150, 300, 560, 250, "#fff0cd"),
        rect(770, 270, 260, 400, DARK),
        rect(800, 300, 200, 240, "#fff0cd"),
        circle(1004, 580, 9, CORN),
        rect(150, 150, 880, 60, CREAM, 8),
        stroke("M300 180h80M420 180h180M640 180h120M800 180h90", BRICK, 14),
        awning(120, 220, 960, BRICK, 66),
        stroke("M170 420h520", TIMBER, 10),
        stroke("M210 400v-44M262 400v-44M470 400v-44M626 400v-44", CLAY, 32),
        stroke("M314 400v-44M418 400v-44M574 400v-44", SEA, 32),
        stroke("M366 400v-44M522 400v-44M678 400v-44", CORN, 30),
        circle(890, 420, 44, BRICK),
        path("M890 446l-30-30a16 16 0 0 1 30-14 16 16 0 0 1 30 14z", WHITE),
        rect(0, 664, 1200, 136, "#d3c7af"),
        rect(0, 664, 1200, 12, STONE),
        path("M150 640h600l20-60H170z", WOOD),
        stroke("M190 640v50M720 640v50", TIMBER, 12),
        crate(230, 590, BRICK),
        crate(360, 590, LEAF),
        crate(490, 590, "#e08a3c"),
        crate(620, 590, "#8a5a9c"),
        crate(200, 730, CORN),
        crate(1120, 740, LEAF),
        who("cleo", 860, 730, 1.6, "give", flip=True),
        who("pat", 700, 740, 1.6, "give"),
        rect(752, 620, 56, 56, STRAW, 6),
        stroke("M764 620q16-30 32 0", TIMBER, 5),
        who("hana", 430, 750, 1.55, "point", flip=True),
        who("kofi", 520, 760, 1.1, "wave"),
        who("olga", 1010, 750, 1.6, "wave", flip=True),
    )


def minibus() -> str:
    """A community minibus stopping at a cottage gate to pick up passengers."""
    wheel = circle(0, 0, 56, INK) + circle(0, 0, 26, STONE)
    return sheet(
        sky("#a9d5d8", "#fdf1d8"),
        sun(180, 140, 56),
        cloud(420, 130, 1.1),
        cloud(900, 110, 0.9),
        hill([420, 380, 400, 360, 380, 350, 370], MINT),
        hill([480, 450, 460, 430, 440, 420, 440], SAGE),
        stamp("t", tree()),
        use("t", 90, 520, 1.5),
        use("t", 700, 450),
        use("t", 1160, 520, 1.6),
        cottage(860, 560, 250, 160, CREAM, CLAY, HOP),
        bush(820, 570, 130, LEAF),
        bush(1090, 570, 120, LEAF),
        rect(0, 560, 1200, 60, "#8dbb7c"),
        rect(0, 612, 1200, 188, "#9aa3a0"),
        rect(0, 606, 1200, 12, CHALK),
        stroke("M40 726h120M260 726h120M480 726h120M700 726h120M920 726h120", CHALK, 9),
        path("M120 660V360q0-36 36-36h480q40 0 60 40l40 96 46 24q14 8 14 26v150z", CHALK),
        path("M120 540h676v50H120z", BRICK),
        path("M120 590h676v34H120z", CORN),
        path("M160 364h104v110H160zM284 364h104v110H284zM408 364h104v110H408zM640 364h24q16 0 24 20l36 90h-84z", FOAM),
        rect(532, 364, 88, 276, SEA),
        rect(544, 376, 64, 130, FOAM),
        circle(780, 552, 14, "#ffe9ad"),
        *(
            circle(x, 430, 20, c)
            + path(f"M{x - 22} 428a22 22 0 0 1 44 0z", h)
            + path(f"M{x - 34} 474q0-30 34-30t34 30z", t)
            for x, c, h, t in (
                (212, "#f3cfae", "#e3e0d8", VIOLET),
                (336, "#63402a", INK, CORN),
                (460, "#e2ad82", "#9c9a94", HOP),
            )
        ),
        put(wheel, 250, 660),
        put(wheel, 690, 660),
        path("M840 690l70 40h130l-60-40z", SLATE),
        put(wheelchair(0, 0, 1.35, CAST["bill"], "wave", flip=True), 970, 716),
        who("gita", 1080, 720, 1.45, "give", flip=True),
        who("edie", 590, 722, 1.4, "wave"),
        birds([(560, 220), (620, 200)], SLATE),
    )


def church_bells() -> str:
    """A cutaway church tower: bells above, ringers pulling bright ropes below."""
    bell = stamp(
        "b",
        path("M-40 0q16-14 18-60a22 22 0 0 1 44 0q2 46 18 60z", CORN)
        + circle(0, 4, 10, TIMBER)
        + stroke("M-44-84h88", TIMBER, 14),
    )
    rope = "".join(f"M{x} 300v250" for x in (470, 540, 610, 680, 730))
    flint = stroke(
        "".join(f"M{x} {y}h16" for x, y in scatter(384, 170, 420, 640, 11, 3) + scatter(784, 170, 814, 640, 11, 6)),
        STONE,
        8,
    )
    return sheet(
        sky("#f0bd94", "#fdf0d4"),
        sun(1000, 190, 60, "#ffe3a3"),
        cloud(120, 180, 1, "#fff7e6"),
        bell,
        hill([520, 480, 500, 470, 490, 470, 500], SAGE),
        stamp("c", cottage(0, 560, 120, 70)),
        use("c", 60, 0),
        use("c", 210, 0),
        hill([580, 560, 570, 560, 570, 560, 580], LEAF),
        path("M820 660V440h350v220z", "#cfc5b2"),
        path("M800 450l60-120h290l40 120z", CLAY),
        path("M900 600v-70a24 34 0 0 1 48 0v70zM1030 600v-70a24 34 0 0 1 48 0v70z", SEA),
        path("M370 690V130h-16V90h60v30h52V90h60v30h52V90h60v30h52V90h60v30h48V90h60v40h-16v560z", "#d8cfbe"),
        flint,
        rect(440, 170, 326, 150, "#3b2a20"),
        rect(440, 350, 326, 310, "#f3dfb4"),
        rect(440, 318, 326, 34, TIMBER),
        use("b", 500, 260),
        put(use("b", 0, 0), 610, 264, 1.15, turn=24),
        use("b", 710, 260),
        rect(440, 646, 326, 16, WOOD),
        path("M560 460v-70a43 43 0 0 1 86 0v70z", FOAM, stroke=CHALK, sw=7),
        stroke(rope, CREAM, 5),
        stroke("M470 470v60", BRICK, 15),
        stroke("M540 420v60", SEA, 15),
        stroke("M610 470v60", HOP, 15),
        stroke("M680 430v60", BRICK, 15),
        stroke("M730 480v60", SEA, 15),
        who("len", 470, 650, 1, "pull"),
        who("ada", 545, 650, 0.96, "pull"),
        who("finn", 612, 650, 0.86, "pull"),
        who("edie", 680, 650, 0.96, "pull"),
        who("dev", 735, 650, 1, "pull"),
        hill([700, 690, 680, 686, 690, 680, 690], "#5d9470"),
        path("M560 690h90l90 110H470z", CREAM),
        stroke("M160 720v-44M250 740v-44M970 740v-44", STONE, 34),
        who("iris", 330, 770, 1.2, "point"),
        who("kofi", 400, 776, 0.9, "wave"),
        birds([(250, 240), (310, 210)], INK),
    )

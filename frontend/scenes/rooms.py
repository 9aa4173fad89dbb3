"""Scenes indoors, by day: repair café, bike workshop, library, café, shed and library of things."""

from buildings import bike, books, bunting, mug, pendant, room, shelf, table, window
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
    SAGE,
    SEA,
    SLATE,
    STONE,
    STRAW,
    TIMBER,
    VIOLET,
    WAVE,
    WHITE,
    WOOD,
    circle,
    path,
    poly,
    put,
    rect,
    sheet,
    stamp,
    stroke,
    use,
)
from nature import gull, pot
from people import who


def repair_cafe() -> str:
    """Menders at a long table with a toaster, a lamp and a radio."""
    tools = stroke(
        "M150 190v90M150 190h-24v26M210 180v100M196 180h28M270 190l-14 90M286 190l14 90M350 180v100", SLATE, 9
    ) + circle(350, 180, 20, "none", stroke=SLATE, sw=8)
    toaster = (
        rect(-50, -56, 100, 56, STONE, 12)
        + rect(-34, -80, 28, 30, "#d9a05b", 6)
        + rect(6, -80, 28, 30, "#d9a05b", 6)
        + stroke("M-30-24h26", INK, 5)
    )
    radio = (
        rect(-60, -70, 120, 70, BRICK, 10)
        + circle(-24, -34, 22, CREAM)
        + circle(30, -46, 9, CORN)
        + stroke("M20-20h26", CREAM, 5)
        + stroke("M40-70l30-50", SLATE, 4)
    )
    return sheet(
        room(STRAW, "#c99b62"),
        rect(90, 140, 340, 170, WOOD, 8),
        tools,
        bunting(0, 60, 1200, 46, 20),
        window(
            780,
            150,
            300,
            250,
            rect(780, 150, 300, 250, "#bfe0e2")
            + path("M780 400v-60q80-60 160-20t140-20v100z", SAGE)
            + circle(1010, 210, 34, "#fff2cf"),
        ),
        pendant(600, 120, SEA),
        who("hana", 330, 640, 1.6, "give"),
        who("len", 560, 640, 1.65, "give"),
        who("ada", 730, 640, 1.6, "give", flip=True),
        who("dev", 930, 640, 1.65, "hold", flip=True),
        table(120, 560, 960, 190),
        put(radio, 650, 548),
        put(toaster, 420, 548),
        rect(220, 480, 90, 68, CREAM, 8),
        stroke("M226 500h78M240 480v-30h40v30", CLAY, 6),
        stroke("M1000 548l-30-90 60-40", SLATE, 8),
        path("M1010 440l50-50 30 50z", HOP),
        circle(1000, 546, 22, SLATE),
        mug(860, 548, 1.1, SEA),
        mug(150, 548, 1.1, BRICK),
        stroke("M540 540h50M580 532v16M760 544l40-10", INK, 6),
        rect(180, 640, 160, 110, SEA, 8),
        stroke("M180 680h160", CREAM, 4),
        who("finn", 1110, 760, 1.3, "wave", flip=True),
        who("edie", 90, 770, 1.65, "give"),
    )


def bike_workshop() -> str:
    """Teenagers learning to mend bikes in a workshop hung with wheels."""
    wheel = stamp(
        "w",
        circle(0, 0, 60, "none", stroke=INK, sw=9)
        + circle(0, 0, 8, INK)
        + stroke("M0-56v112M-56 0h112M-40-40l80 80M40-40l-80 80", STONE, 3),
    )
    return sheet(
        room("#2f7480", "#b7a58c"),
        wheel,
        *(use("w", x, y) for x, y in ((110, 150), (250, 150), (390, 150))),
        stroke("M60 70h390", TIMBER, 12),
        rect(820, 90, 310, 200, WOOD, 8),
        stroke("M860 130v90M900 130v90M890 130h20M950 130l-10 90M960 130l10 90M1020 130v100M1060 140h40v30", CHALK, 8),
        circle(1020, 126, 16, "none", stroke=CHALK, sw=7),
        bike(620, 250, 0.95, CORN),
        stroke("M560 130v-40M680 130v-40M540 90h160", TIMBER, 8),
        bunting(440, 30, 390, 24, 9),
        rect(790, 470, 380, 26, WOOD, 6),
        rect(820, 496, 320, 150, TIMBER),
        stroke("M926 496v150M1034 496v150", INK, 4),
        rect(840, 430, 80, 40, BRICK, 6),
        rect(950, 410, 50, 60, CORN, 6),
        mug(1060, 470, 1.2, CHALK),
        stroke("M470 740V430M400 748h140M470 470h50", INK, 13),
        bike(530, 560, 1.6, BRICK),
        who("cleo", 300, 750, 1.8, "reach"),
        who("ned", 770, 750, 1.55, "give", flip=True),
        who("mae", 920, 760, 1.5, "hips"),
        stroke("M372 604l60 10", STONE, 12),
        bike(1080, 760, 1.15, LEAF, flip=True),
        who("finn", 130, 760, 1.4, "wave"),
        rect(170, 716, 80, 44, SLATE, 6),
    )


def homework_club() -> str:
    """Children at a library table with helpers, an arched window on cathedral towers."""
    view = path("M470 420V220a130 130 0 0 1 260 0v200z", "#f8d9a8") + path(
        "M540 420V240h34v-40h14v40h24v-90l14-30 14 30v90h24v-40h14v40h30v180z", "#c9a27c"
    )
    return sheet(
        room("#c8dcc9", "#b98a5e"),
        view,
        path("M470 420V220a130 130 0 0 1 260 0v200z", "none", stroke=CHALK, sw=16),
        stroke("M600 92v328M470 260h260", CHALK, 7),
        rect(40, 90, 350, 510, TIMBER),
        rect(810, 90, 350, 510, TIMBER),
        stamp("k", rect(0, 0, 318, 104, "#3f2818") + books(6, 104, 308, 1)),
        *(use("k", x, y) for x in (56, 826) for y in (108, 230, 352, 474)),
        who("olga", 250, 690, 1.7, "give"),
        who("kofi", 420, 690, 1.3, "hold"),
        who("mae", 560, 690, 1.3, "hold"),
        who("hana", 700, 690, 1.3, "reach"),
        who("jas", 900, 690, 1.75, "point", flip=True),
        table(180, 620, 840, 150, "#d8a868"),
        path("M370 606q30-16 54 0 26-16 54 0v-50q-28-14-54 0-24-14-54 0z", WHITE),
        path("M520 606h80v-12h-80z", SEA),
        path("M540 594h70v-12h-70z", BRICK),
        path("M650 606q30-16 54 0 26-16 54 0v-50q-28-14-54 0-24-14-54 0z", CREAM),
        stroke("M380 570h36M436 570h32M662 570h34M716 570h30", STONE, 4),
        stroke("M800 604l40-50M290 604l26-40", CORN, 7),
        circle(870, 580, 26, WAVE),
        path("M856 566q16 6 10 20t16 14q-26 14-34-10z", LEAF),
        pot(1100, 770, 1.1),
        pot(100, 770, 1.1),
    )


def cafe() -> str:
    """A seaside community café with tea, cake and a long shared table."""
    view = (
        rect(120, 130, 420, 270, "#bfe0e2")
        + rect(120, 290, 420, 110, WAVE)
        + path("M400 300l26-90 8 90zM390 304h70l-12 16h-46z", CHALK)
    )
    cake = (
        rect(-50, -40, 100, 40, CLAY, 6)
        + path("M-50-34q12 22 25 0 12 22 25 0 12 22 25 0 12 22 25 0v-14h-100z", CHALK)
        + stroke("M0-50v-14", BRICK, 10)
    )
    return sheet(
        room("#e8b690", "#a9c3bd"),
        window(120, 130, 420, 270, view),
        put(gull(0, 0, 0.7), 200, 416),
        pendant(680, 90, SEA),
        pendant(920, 90, HOP),
        shelf(640, 250, 500),
        shelf(640, 350, 500),
        stamp("m", mug(0, 0, 1.2, "currentColor")),
        *(use("m", x, 250, color=c) for x, c in ((670, CHALK), (730, CHALK), (790, SEA), (860, BRICK), (920, CHALK))),
        stamp("k", cake),
        rect(1000, 190, 60, 60, HOP, 10),
        path("M680 350v-30q0-30 40-30t40 30v30zM760 320h24v24h-24z", SEA),
        circle(720, 284, 7, CORN),
        rect(820, 290, 60, 60, CREAM, 8),
        pot(960, 350, 0.6),
        who("cleo", 860, 560, 1.55, "give"),
        rect(620, 470, 560, 160, HOP),
        rect(600, 452, 600, 26, WOOD, 6),
        stroke("M720 490v130M860 490v130M1000 490v130", LEAF, 5),
        use("k", 700, 452),
        rect(1040, 392, 100, 60, FOAM, 20, o=".7"),
        use("k", 1090, 450, 0.7),
        who("finn", 1010, 690, 1.4, "reach", flip=True),
        who("edie", 170, 700, 1.6, "hold"),
        who("bill", 310, 700, 1.6, "give"),
        who("ada", 480, 700, 1.6, "hold", flip=True),
        table(80, 620, 500, 150, "#d8a868"),
        use("m", 220, 608, color=SEA),
        use("m", 400, 608, color=BRICK),
        use("k", 310, 608, 0.9),
        who("gita", 700, 760, 1.65, "give", flip=True),
    )


def shed() -> str:
    """A timber workshop where people make bird boxes together."""
    box = (
        rect(-40, -80, 80, 80, CORN)
        + poly([(-52, -76), (0, -118), (52, -76)], BRICK)
        + circle(0, -46, 14, INK)
        + stroke("M0-22v8", TIMBER, 6)
    )
    saw = path("M0 0h90l24 26-110 4z", STONE) + rect(-34, -6, 40, 40, BRICK, 8)
    return sheet(
        room("#a8754a", "#d1b48a"),
        stroke("".join(f"M{x} 0v586" for x in range(75, 1200, 150)), "#8f6038", 5),
        rect(60, 110, 470, 250, CREAM, 8),
        put(saw, 130, 160),
        stroke("M330 150v100M312 150h36M390 150v110M450 150v110M440 150h20", SLATE, 12),
        stroke("M120 300h120M280 300v40h80M420 300l70 30", TIMBER, 10),
        window(820, 110, 280, 240, rect(820, 110, 280, 240, "#cbe6e2") + path("M820 350v-70q140-70 280 0v70z", LEAF)),
        shelf(560, 230, 220),
        stamp("x", box),
        *(use("x", x, 230, 0.8) for x in (610, 720)),
        pendant(660, 60, HOP),
        who("len", 290, 690, 1.75, "reach"),
        who("cleo", 560, 690, 1.7, "give"),
        who("jas", 830, 690, 1.75, "give", flip=True),
        rect(140, 590, 920, 36, WOOD, 6),
        rect(190, 626, 60, 150, TIMBER),
        rect(950, 626, 60, 150, TIMBER),
        stroke("M250 700h700", TIMBER, 18),
        put(saw, 410, 560, 0.8),
        use("x", 690, 590, 1.2),
        use("x", 960, 590),
        stroke("M200 582h130", CORN, 16),
        stroke("M470 586h8M500 586h4M520 586h6", CREAM, 8),
        mug(1030, 590, 1.2, SEA),
        who("pat", 1110, 770, 1.75, "wave", flip=True),
        who("kofi", 100, 770, 1.35, "up"),
    )


def library_of_things() -> str:
    """Shelves of things to borrow: tent, drill, sewing machine, ladder and more."""
    drill = path("M-50-60h76l18 8v16l-18 8h-30l10 40h-34l-6-40h-16z", BRICK) + stroke("M44-44h26", STONE, 6)
    sewing = (
        path("M-60-12v-60q0-20 20-20h90v30h-16v20h-14v-20h-46v50z", SEA)
        + rect(-66, -12, 130, 12, INK, 3)
        + circle(54, -76, 12, CORN)
    )
    tent = path("M-80 0L0-90 80 0z", LEAF) + path("M-24 0L0-70 24 0z", DARK)
    pan = circle(0, -44, 44, "none", stroke=STONE, sw=10) + circle(0, -44, 26, CORN)
    return sheet(
        room("#f0d3a4", "#8fb0a4"),
        rect(80, 80, 1040, 440, TIMBER),
        path(
            "M100 100h320v120h-320zM440 100h320v120h-320zM780 100h320v120h-320zM100 240h320v120h-320zM440 240h320v120h-320zM780 240h320v120h-320zM100 380h320v120h-320zM440 380h320v120h-320zM780 380h320v120h-320z",
            CREAM,
        ),
        put(tent, 200, 216),
        rect(310, 150, 80, 66, BRICK, 10),
        stroke("M330 150q20-30 40 0", INK, 6),
        put(drill, 520, 216),
        put(drill, 670, 216, flip=True),
        put(sewing, 880, 220),
        rect(970, 140, 100, 80, SLATE, 6),
        circle(1020, 180, 26, FOAM),
        rect(130, 270, 110, 90, VIOLET, 8),
        circle(185, 315, 30, CHALK),
        put(pan, 340, 358),
        stroke("M470 350V256M530 350V256M470 280h60M470 310h60M470 340h60", CORN, 9),
        circle(660, 310, 42, "none", stroke=SEA, sw=18),
        books(800, 360, 130, 2, 90),
        stroke("M980 350l60-90M1040 350l-20-90", WOOD, 10),
        circle(1060, 330, 24, BRICK),
        rect(120, 410, 90, 90, SEA, 6),
        stroke("M120 450h90", CREAM, 5),
        path("M260 500l10-80h110l10 80z", CLAY),
        path("M470 500v-50h60v-40h90v90z", HOP),
        circle(500, 500, 16, INK),
        circle(590, 500, 20, INK),
        stroke("M660 490l60-90M690 490l40-70", STONE, 9),
        put(sewing, 880, 500),
        put(tent, 1020, 500, 0.8),
        who("gita", 330, 690, 1.7, "give"),
        who("bill", 560, 720, 1.7, "reach", flip=True),
        rect(60, 610, 440, 170, BRICK),
        rect(40, 594, 480, 24, WOOD, 6),
        put(drill, 440, 594, 0.8),
        books(90, 594, 90, 3, 60),
        who("ada", 800, 750, 1.75, "hold"),
        rect(770, 620, 70, 50, SLATE, 6),
        who("finn", 930, 756, 1.35, "up"),
        put(tent, 1080, 770, 1.2),
    )

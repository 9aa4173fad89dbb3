"""Scenes by rivers and creeks: trail, canoes, boat building, bandstand and fireworks."""

from buildings import barge, bunting, cottage
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
    SAGE,
    SEA,
    SLATE,
    STONE,
    STRAW,
    TIMBER,
    WAVE,
    WHITE,
    WOOD,
    circle,
    dots,
    hill,
    num,
    path,
    put,
    rect,
    sheet,
    sky,
    stamp,
    stroke,
    use,
)
from nature import birds, bush, cloud, reeds, scatter, sun, tree, willow
from people import bust, who


def river_trail() -> str:
    """A boardwalk beside a clear river with a heron, a kingfisher and a willow."""
    heron = (
        stroke("M-4 0v-70M10 0v-70", CORN, 4)
        + path("M-30-74q40-44 66-20l4 20q-30 22-70 0z", "#8aa0a8")
        + stroke("M30-90q-6-40 8-70", CHALK, 10)
        + circle(40, -166, 10, CHALK)
        + stroke("M48-166l34 4", CORN, 6)
        + stroke("M34-172l-22-6", INK, 4)
    )
    return sheet(
        sky("#b4dad6", "#f5f0d4"),
        cloud(620, 120, 1),
        cloud(960, 160, 0.9),
        sun(420, 140, 52),
        hill([400, 380, 390, 370, 380, 360, 370], MINT),
        hill([450, 430, 440, 420, 430, 410, 430], SAGE),
        stamp("t", tree()),
        use("t", 700, 440, 0.8),
        use("t", 800, 430),
        use("t", 1130, 440, 1.3),
        cottage(930, 430, 110, 70, CHALK, CLAY, HOP),
        path("M0 520C260 470 480 470 760 480S1100 490 1200 470V700C900 640 520 700 300 800H0z", WAVE),
        path("M0 520C260 470 480 470 760 480 560 510 260 540 0 620z", FOAM, o=".4"),
        stroke("M120 600h120M420 560h140M640 540h90M260 680h100M560 620h130M900 540h120M820 600h90", WHITE, 5, o=".6"),
        path("M1200 640C900 600 520 680 300 800H1200z", "#83b07a"),
        willow(130, 540, 1.3),
        path("M1200 690C960 660 700 700 520 800h220q200-60 460-30z", WOOD),
        stroke(
            "M1130 684l-14 76M1040 682l-26 78M950 686l-40 78M860 696l-60 82M770 714l-80 84M680 736l-80 64", TIMBER, 4
        ),
        stroke("M1190 620v70M1040 616v70M900 622v70M770 646v66M640 690v64M1200 626Q880 600 600 720", TIMBER, 8),
        put(heron, 470, 640, 1.15),
        reeds(330, 780, 7),
        reeds(560, 690, 3, LEAF),
        stroke("M150 430q100 60 230 40", TIMBER, 9),
        path("M300 452q4-34 30-34 14 0 14 14l22 4-22 6q-8 24-44 10z", SEA),
        path("M308 462q16 14 32-4l-4-14q-16 14-28 18z", CLAY),
        who("hana", 900, 740, 1.35, "point", flip=True),
        who("finn", 990, 750, 1, "wave"),
        who("pat", 1090, 740, 1.35, "glass", flip=True),
    )


def canoes() -> str:
    """Two canoes on a calm river under a castle."""
    castle = (
        rect(380, 230, 90, 170, STONE)
        + rect(560, 230, 90, 170, STONE)
        + rect(460, 270, 110, 130, "#c4baa8")
        + path("M372 230v-26h20v14h18v-14h22v14h18v-14h28v26zM552 230v-26h20v14h18v-14h22v14h18v-14h28v26z", STONE)
    )
    castle += (
        path("M490 400v-60a26 26 0 0 1 52 0v60z", INK)
        + stroke("M424 280v26M606 280v26", INK, 8)
        + stroke("M606 200v-70", TIMBER, 5)
        + path("M609 132h60l-16 18 16 18h-60z", BRICK)
    )
    boat = stamp(
        "k",
        path("M-190-34q190 40 380 0-10 44-60 46h-260q-50-2-60-46z", "currentColor")
        + stroke("M-190-34q190 40 380 0", CHALK, 7),
    )
    paddle = stroke("M-50-130L60 20", WOOD, 8) + path("M52 6l18 36q-22 10-34-20z", BRICK)
    return sheet(
        sky("#9fd0d8", "#fbf2d9"),
        cloud(150, 150, 1.1),
        cloud(840, 120, 1),
        sun(980, 200, 56),
        boat,
        castle,
        hill([420, 390, 400, 400, 410, 390, 420], LEAF),
        bush(300, 420, 160, HOP),
        bush(660, 420, 200, HOP),
        stamp("t", tree()),
        use("t", 60, 440, 1.5),
        use("t", 220, 430, 1.1),
        use("t", 1000, 430, 1.3),
        rect(0, 430, 1200, 370, WAVE),
        path("M0 430h1200v20q-600 40-1200 0z", HOP, o=".5"),
        path("M380 440h270l-20 120H400z", FOAM, o=".3"),
        willow(1130, 450, 1.2),
        stroke("M80 520h140M480 500h120M300 590h110M960 620h120M120 700h160M400 770h120", WHITE, 5, o=".5"),
        who("gita", 640, 566, 0.95, "row", "none"),
        who("bill", 760, 566, 0.95, "row", "none"),
        use("k", 700, 560, 0.85, color=HOP),
        put(paddle, 700, 540, 0.7),
        put(paddle, 820, 540, 0.7),
        who("ada", 290, 712, 1.35, "row", "none"),
        who("jas", 450, 712, 1.35, "row", "none"),
        use("k", 380, 706, 1.2, color=BRICK),
        put(paddle, 370, 670),
        put(paddle, 530, 670),
        path("M850 800q40-60 120-60h230v60z", "#83b07a"),
        reeds(880, 790, 6),
    )


def boat_building() -> str:
    """Young people building a wooden boat in an open shed beside a tidal creek."""
    ribs = "".join(f"M{x} {668 - abs(x - 500) // 14}q10-90 {-30 if x < 500 else 30}-120" for x in range(300, 720, 60))
    return sheet(
        sky("#f2c79b", "#fdf2d8"),
        sun(960, 180, 66, "#ffdfa0"),
        hill([460, 450, 456, 440, 450, 440, 450], SAGE),
        *(cottage(x, 440, 90, 60, w, BRICK) for x, w in ((700, CREAM), (1090, CHALK))),
        rect(560, 450, 640, 170, WAVE),
        stroke("M820 500h90M960 540h120M900 580h80M1100 490h70", WHITE, 5, o=".6"),
        barge(940, 500, 1),
        path("M560 590q200-30 640 10v200H560z", "#a98d66"),
        rect(0, 640, 1200, 160, "#b99a6e"),
        path("M0 60L420 -20 760 130V190H0z", SLATE),
        rect(0, 180, 740, 40, TIMBER),
        rect(0, 220, 44, 460, TIMBER),
        rect(680, 200, 34, 480, TIMBER),
        rect(44, 220, 636, 270, "#7b5738"),
        stroke("M44 310h636M44 400h636M200 220v270M380 220v270M540 220v270", TIMBER, 4),
        stroke("M110 250v60M150 250v76M250 250v50M300 250v80", STRAW, 7),
        path("M430 252h70v20h-70zM580 246l50 60-14 12-50-60z", STONE),
        bunting(40, 214, 640, 20, 12),
        stroke("M300 690v80M290 770h60M700 690v80M680 770h60M500 700v70", TIMBER, 14),
        stroke(ribs, CORN, 11),
        path("M190 566q330 100 640-30-30 130-160 154H340q-120-14-150-124z", WOOD),
        stroke("M206 604q310 84 604-26M236 642q270 60 540-20", TIMBER, 5),
        stroke("M190 566q330 100 640-30", CORN, 14),
        who("ned", 250, 772, 1.4, "give"),
        who("olga", 850, 770, 1.45, "give", flip=True),
        who("len", 1000, 770, 1.5, "point", flip=True),
        who("mae", 420, 790, 1.3, "reach", flip=True),
        stroke("M326 664l44-4", STONE, 12),
        birds([(800, 260), (850, 240)], SLATE),
    )


def bandstand() -> str:
    """A band playing in a riverside bandstand while neighbours listen."""
    posts = stroke("M390 330v230M510 330v230M690 330v230M810 330v230", CHALK, 12)
    brass = path("M0 0l46-16v44L0 12z", CORN) + stroke("M-30 6h34", CORN, 8)
    return sheet(
        sky("#8cc4cc", "#fdeccb"),
        cloud(110, 150, 1.1),
        cloud(930, 130, 1),
        sun(220, 250, 54),
        rect(0, 430, 1200, 120, WAVE),
        stroke("M60 470h120M240 500h90M900 470h140M1040 510h90", WHITE, 5, o=".6"),
        path("M900 450h260l-26 40H926z", INK),
        rect(960, 400, 110, 50, CHALK),
        rect(1084, 370, 34, 80, BRICK),
        hill([436, 430, 434, 428, 432, 430, 436], SAGE, base=440),
        rect(0, 540, 1200, 260, "#d9c9a6"),
        rect(0, 540, 1200, 16, STONE),
        path("M340 560h520l40 60H300z", SLATE),
        rect(300, 600, 600, 70, BRICK),
        rect(300, 592, 600, 14, CHALK),
        rect(400, 470, 400, 90, "#5c8d8f", o=".35"),
        stroke("M330 560V330M870 560V330", CHALK, 14),
        who("gita", 430, 560, 1.15, "reach"),
        put(brass, 490, 458),
        who("jas", 760, 560, 1.15, "reach", flip=True),
        put(brass, 700, 458, flip=True),
        who("pat", 560, 560, 1.15, "hold"),
        circle(570, 490, 44, CHALK, stroke=BRICK, sw=10),
        who("cleo", 650, 560, 1.15, "up"),
        posts,
        path("M280 336q320-20 640 0-60-90-180-130-140-30-280 0-120 40-180 130z", SEA),
        path("M520 200q80-120 160 0-80-20-160 0z", HOP),
        stroke("M600 136v-36M330 336q40 50 60 0q60 50 120 0q90 50 180 0q60 50 120 0q30 50 60 0", CHALK, 8),
        bunting(0, 260, 290, 40, 8),
        bunting(910, 260, 290, 40, 8),
        bust(150, 690, 1.35, "#e2ad82", CORN, CLAY),
        bust(290, 730, 1.4, "#63402a", INK, HOP),
        bust(470, 720, 1.35, "#f3cfae", "#e3e0d8", SEA),
        bust(720, 730, 1.4, "#c58a5c", INK, CORN),
        bust(880, 700, 1.35, "#94603c", INK, WHITE),
        bust(1050, 730, 1.45, "#e2ad82", BRICK, DARK),
    )


def fireworks() -> str:
    """Fireworks over a wide river at night, a crowd watching from the bank."""

    def burst(x: float, y: float, r: float, colour: str) -> str:
        rays = (
            (1, 0),
            (0.87, 0.5),
            (0.5, 0.87),
            (0, 1),
            (-0.5, 0.87),
            (-0.87, 0.5),
            (-1, 0),
            (-0.87, -0.5),
            (-0.5, -0.87),
            (0, -1),
            (0.5, -0.87),
            (0.87, -0.5),
        )
        lines = "".join(
            f"M{num(x + a * r * 0.4)} {num(y + b * r * 0.4)}L{num(x + a * r)} {num(y + b * r)}" for a, b in rays
        )
        return stroke(lines, colour, 7) + dots([(x + a * r * 1.2, y + b * r * 1.2) for a, b in rays[::2]], "#fff2cf", 9)

    return sheet(
        sky("#12263a", "#39566b"),
        dots(scatter(20, 20, 1180, 380, 26, 3), "#fff2cf", 4),
        burst(340, 220, 130, CORN),
        burst(640, 150, 100, "#e58a78"),
        burst(900, 250, 140, FOAM),
        burst(560, 330, 60, MINT),
        burst(1090, 140, 70, CORN),
        burst(120, 130, 60, "#e58a78"),
        stroke("M340 520q-10-160 0-240M640 520q6-180 0-300M900 520V330", "#fff2cf", 3, o=".5"),
        path(
            "M0 500h90v-40h50v40h70v-70h40v70h120v-30h90v30h150v-56l20-40 20 56v40h180v-30h70v30h120v-60h50v60h150v60H0z",
            "#0d1b2a",
        ),
        dots([(110, 480), (230, 460), (430, 488), (700, 480), (860, 488), (1070, 470)], CORN, 8),
        rect(0, 530, 1200, 150, "#1d3b50"),
        stroke("M280 560h120M310 590h70M590 560h100M610 600h60M840 560h130M860 600h90M880 630h50", CORN, 7, o=".6"),
        path("M0 680q600-40 1200 0v120H0z", DARK),
        *(
            bust(x, y, s, "#3a2c25", "#1a1512", c)
            for x, y, s, c in (
                (90, 720, 1.1, SLATE),
                (220, 740, 1.3, HOP),
                (370, 720, 1.1, BRICK),
                (520, 750, 1.35, SEA),
                (680, 730, 1.2, SLATE),
                (830, 750, 1.3, HOP),
                (980, 730, 1.15, BRICK),
                (1110, 750, 1.3, SEA),
            )
        ),
    )

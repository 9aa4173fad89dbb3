"""Scenes by the sea: cliffs, shingle, harbour, huts, pool and Dungeness."""

from buildings import boat, bunting, cottage, hut, lighthouse
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
    PETAL,
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
    curve,
    dots,
    hill,
    path,
    poly,
    put,
    rect,
    sheet,
    sky,
    stamp,
    stroke,
    use,
)
from nature import birds, cloud, dog, flowers, gull, scatter, sun
from people import CAST, wheelchair, who


def cliffs_lighthouse() -> str:
    """Walkers on the path above white cliffs, a lighthouse behind them."""
    chalk = curve([(1200, 330), (1010, 340), (860, 400), (700, 420), (560, 500), (470, 520)])
    return sheet(
        sky("#bfdcdd", CREAM),
        sun(250, 190, 62),
        cloud(380, 150, 1.1),
        cloud(720, 110, 0.8),
        rect(0, 380, 1200, 420, WAVE),
        rect(0, 380, 1200, 60, FOAM, o=".45"),
        stroke("M60 470h120M240 520h90M90 600h150M330 640h110M40 700h90M300 440h70", WHITE, 5, o=".5"),
        path("M90 410l34-70 8 70zM84 416h64l-14 20h-40z", CHALK),
        path(f"{chalk}L500 800H1200z", WHITE),
        path(
            "M860 420l-20 130 30 250M1010 360l-30 190 40 250M700 440l-10 160 40 200M1110 350l10 200-20 250M590 510l-6 120 30 170",
            "none",
            stroke=MIST,
            sw=12,
        ),
        path("M470 800q40-44 110-30 60-40 130 0 70-30 110 30z", MIST),
        path(
            "M470 520C520 500 600 470 700 412 760 384 900 356 1010 322L1200 300V400C1080 396 950 410 860 446 740 490 640 520 560 560z",
            SAGE,
        ),
        path("M560 548C680 480 860 420 1200 366V400C1000 404 820 450 660 530z", LEAF, o=".5"),
        lighthouse(1040, 330, 0.92),
        cottage(1100, 330, 84, 54, WHITE, BRICK, SEA),
        who("edie", 760, 452, 0.82, "walk", "walk"),
        who("dev", 836, 428, 0.84, "walk", "walk"),
        dog(690, 478, 0.8),
        who("ada", 912, 410, 0.82, "point", "walk"),
        birds([(460, 300), (540, 250), (330, 330), (610, 330)], SLATE),
    )


def shingle_beach() -> str:
    """A wheelchair with wide wheels on the shingle between fishing boats."""
    chair = put(
        wheelchair(0, 0, 1.75, CAST["olga"], "wave") + circle(-24, -58, 62, "none", stroke=CORN, sw=20), 610, 668
    )
    return sheet(
        sky("#a8d0d3", "#fbe9cf"),
        sun(930, 170, 66, "#fff0c2"),
        cloud(150, 140, 1.2),
        cloud(560, 110, 0.8),
        rect(0, 360, 1200, 200, WAVE),
        rect(0, 360, 1200, 36, FOAM, o=".6"),
        stroke("M60 352h420M110 352v38M190 352v38M270 352v38M350 352v38M430 352v38", SLATE, 8),
        rect(70, 318, 76, 34, SLATE),
        path("M70 318l38-24 38 24z", SLATE),
        stroke("M560 440h90M760 470h120M980 430h100M300 470h80", WHITE, 5, o=".6"),
        hill([500, 486, 520, 500, 530, 506, 520], WHITE),
        hill([514, 500, 534, 516, 544, 522, 534], "#ecd4a6"),
        hill([640, 620, 660, 632, 650, 628, 640], "#dcbf8d", o=".7"),
        dots(scatter(20, 560, 1180, 790, 22, 3), "#c3a377", 11),
        dots(scatter(20, 560, 1180, 790, 20, 8), CHALK, 9),
        dots(scatter(20, 600, 1180, 790, 14, 5), CLAY, 8, o=".5"),
        boat(230, 600, 1.35, BRICK),
        stroke("M210 548v-150M210 408l70 40", TIMBER, 8),
        path("M214 402h54l-16 18 16 18h-54z", CORN),
        boat(1020, 590, 1.2, HOP, STRAW, flip=True),
        stroke("M1040 540v-130", TIMBER, 8),
        rect(400, 672, 480, 24, WOOD),
        stroke("M440 672v24M500 672v24M560 672v24M620 672v24M680 672v24M740 672v24M800 672v24M840 672v24", TIMBER, 4),
        chair,
        who("gita", 470, 684, 1.6, "give"),
        gull(930, 740, 0.9, flip=True),
        birds([(640, 250), (720, 220), (430, 260)], SLATE),
    )


def harbour() -> str:
    """Young rowers in a skiff passing the black sheds of a harbour."""
    sheds = "".join(
        rect(x, 330, w, 150, tone)
        + poly([(x - 10, 334), (x + w / 2, 250), (x + w + 10, 334)], roof)
        + rect(x + w / 2 - 22, 400, 44, 80, door)
        for x, w, tone, roof, door in (
            (30, 170, INK, SLATE, BRICK),
            (216, 150, DARK, INK, CORN),
            (384, 190, INK, SLATE, SEA),
            (592, 140, DARK, INK, CLAY),
        )
    )
    rowers = "".join(
        who(name, x, 640, 1.05, "row", "none")
        for name, x in (("finn", 470), ("ada", 560), ("gita", 650), ("kofi", 740))
    )
    return sheet(
        sky("#f6cfa6", "#fdf0d5"),
        sun(880, 240, 76, "#f7b267"),
        cloud(180, 140, 1, "#fff7e6"),
        cloud(560, 110, 0.8, "#fff7e6"),
        sheds,
        bunting(40, 262, 690, 26, 16),
        rect(0, 470, 1200, 330, WAVE),
        path("M0 470h760l-20 34H0z", STONE),
        rect(0, 500, 1200, 300, SEA, o=".45"),
        stroke("M800 480h150M850 500h60M840 520h80M860 545h40", "#ffdca0", 9, o=".9"),
        stroke("M980 470v-250M1060 470v-190M1130 470v-220M980 230l50 200M1060 290l44 140", TIMBER, 7),
        path("M940 452h100l-14 30h-70zM1024 456h80l-12 28h-56zM1098 452h90l-12 32h-60z", CHALK),
        path("M940 452h100l-5 10h-91z", BRICK),
        rowers,
        who("edie", 850, 646, 1.05, "point", "none", flip=True),
        stroke("M500 566L380 690M590 566L470 700M680 566L560 706M770 566L650 704", CREAM, 8),
        path("M330 610q300 60 620-14-20 78-110 84H430q-70-6-100-70z", BRICK),
        stroke("M330 610q300 60 620-14", CHALK, 10),
        stroke("M250 716h220M540 730h260M880 700h180M100 650h150M960 760h130M200 770h140", FOAM, 6, o=".7"),
        gull(90, 500, 0.8),
        birds([(700, 170), (780, 200), (470, 200)], SLATE),
    )


def beach_huts() -> str:
    """A row of bright beach huts, one full of books, with children reading."""
    row = stamp("h", hut(0, 560, 178, "currentColor")) + "".join(
        use("h", x, 0, color=c) for x, c in ((20, SEA), (214, CORN), (798, LEAF), (992, CLAY))
    )
    reading = stroke("M-4-78L-34-66M30-70l34-10", CHALK, 4)
    return sheet(
        sky("#8fc6cb", "#f8ecd2"),
        cloud(120, 150, 1),
        cloud(900, 120, 1.1),
        sun(560, 130, 54),
        row,
        hut(440, 570, 320, BRICK, CHALK, is_open=True),
        rect(528, 306, 146, 218, CREAM),
        *(stroke(f"M532 {y}h138", TIMBER, 8) for y in (374, 444, 514)),
        stamp(
            "k",
            "".join(
                stroke("".join(f"M{546 + i * 18} {366}v-{32 + i * 7 % 14}" for i in range(k, 7, 3)), c, 12)
                for k, c in ((0, BRICK), (1, SEA), (2, CORN))
            ),
        ),
        *(use("k", 0, y) for y in (0, 70, 140)),
        bunting(200, 330, 800, 40, 14),
        rect(0, 552, 1200, 30, WOOD),
        stroke("M0 567h1200", TIMBER, 3),
        rect(0, 582, 1200, 220, "#f0d9a8"),
        dots(scatter(10, 610, 1190, 790, 14, 4), "#d9bd85", 8),
        stroke("M270 740l90-120M300 620l100 120M270 740h0", TIMBER, 9),
        path("M300 622l-26 80q60 30 116 26l-24-34q-40-10-66-72z", SEA),
        put(reading, 340, 700),
        who("mae", 330, 716, 1.15, "hold", "sit"),
        poly([(330, 636), (362, 626), (390, 640), (362, 646)], WHITE),
        who("kofi", 590, 716, 1.2, "hold", "stand"),
        poly([(560, 634), (590, 644), (620, 634), (620, 606), (590, 616), (560, 606)], CORN),
        who("hana", 700, 690, 1.2, "give", "stand", flip=True),
        rect(826, 686, 50, 46, SEA, 8),
        who("finn", 850, 732, 1, "hold", "sit", flip=True),
        poly([(830, 660), (800, 650), (776, 662), (802, 670)], CLAY),
        rect(1000, 640, 12, 100, TIMBER),
        path("M900 650q106-120 212 0z", BRICK),
        path("M970 650q36-100 72 0z", CHALK),
        birds([(330, 160), (760, 200)], SLATE),
    )


def tidal_pool() -> str:
    """Swimmers at sunrise in a tidal pool below the cliff."""
    heads = "".join(
        circle(x, y, 17, skin)
        + path(f"M{x - 18} {y - 2}a18 18 0 0 1 36 0z", cap)
        + stroke(f"M{x - 40} {y + 18}q40-14 80 0", WHITE, 4, o=".8")
        for x, y, skin, cap in (
            (420, 600, "#e2ad82", BRICK),
            (560, 570, "#63402a", CORN),
            (700, 618, "#f3cfae", WHITE),
            (500, 668, "#94603c", CLAY),
            (830, 580, "#c58a5c", HOP),
        )
    )
    return sheet(
        sky("#f3b591", "#fdebcb"),
        circle(640, 330, 150, "#fff2cf", o=".5"),
        circle(640, 330, 84, "#fff2cf"),
        cloud(760, 170, 1, PETAL),
        cloud(330, 130, 0.8, PETAL),
        rect(0, 350, 1200, 450, WAVE),
        stroke(
            "M590 400h100M600 420h80M550 362h180M570 380h140M150 420h120M860 400h140M960 440h100M300 390h80",
            "#fff2cf",
            5,
            o=".8",
        ),
        path("M0 250C90 240 150 290 190 350 230 420 250 520 240 800H0z", WHITE),
        path("M0 250C90 240 150 290 190 350L150 360C110 300 60 286 0 290z", SAGE),
        path("M60 330l20 160-20 200M130 370l-8 150 24 170", "none", stroke=MIST, sw=12),
        path("M210 520L980 470 1150 700 1200 800H150z", STONE),
        path("M250 545L960 500 1100 690 1130 740H230z", "#5fa3ac"),
        path("M250 545L960 500l20 28-720 46z", SEA, o=".35"),
        stroke("M330 640h90M640 660h110M880 650h120M760 540h90M380 700h120M900 700h80", FOAM, 5, o=".8"),
        heads,
        rect(150, 736, 1050, 64, "#9d9282"),
        stroke("M180 760h110M340 774h150M560 758h120M760 776h160M980 760h140", STONE, 5),
        stroke("M1010 560v-96q0-24 28-24M1056 620v-110q0-24 28-24M1010 520h46", SLATE, 8),
        who("gita", 1010, 770, 1.5, "up"),
        who("bill", 1110, 776, 1.45, "hold", flip=True),
        who("cleo", 250, 770, 1.5, "wave"),
        rect(176, 716, 46, 40, CLAY, 8),
        birds([(880, 230), (940, 260), (450, 220)], SLATE),
    )


def dungeness() -> str:
    """Children with binoculars on the shingle by a black cottage and a lighthouse at dusk."""
    kale = "".join(
        path(f"M{x} {y}q-34-6-40-30 30-4 40 20-4-34 10-46 18 16 8 46 14-26 44-18-8 26-46 28z", c)
        for x, y, c in ((150, 700, SAGE), (430, 760, LEAF), (1040, 720, SAGE), (900, 770, LEAF))
    )
    glass = "M-14-8h12v18h-12zM4-8h12v18h-12z"
    return sheet(
        sky("#7d6f96", "#f7c898"),
        circle(260, 400, 92, "#ffdf9e", o=".5"),
        circle(260, 400, 60, "#ffe9b8"),
        stroke("M60 210h260M180 170h300M640 130h280M800 180h330M480 260h200M900 270h180", PETAL, 12, o=".4"),
        rect(0, 420, 1200, 60, "#6c8f9b"),
        stroke("M200 440h120M220 456h80M230 470h60", "#ffe9b8", 6),
        path("M760 440h60v-40h130v40h50v36H760z", SLATE, o=".55"),
        hill([478, 470, 474, 466, 470, 474, 468], "#c9ad84"),
        hill([600, 580, 590, 570, 586, 574, 590], "#dcc296"),
        lighthouse(1000, 500, 1.08, INK),
        poly([(1012, 206), (1200, 150), (1200, 250)], "#fff2cf", o=".4"),
        poly([(988, 206), (760, 150), (760, 220)], "#fff2cf", o=".3"),
        rect(330, 430, 250, 110, INK),
        poly([(310, 434), (360, 360), (550, 360), (600, 434)], SLATE),
        rect(500, 330, 30, 50, CLAY),
        path("M356 460h44v40h-44zM510 460h44v40h-44z", CORN, stroke=CORN, sw=6),
        rect(430, 456, 46, 84, CORN),
        stroke("M640 530v-70M620 500l20-40 30 46", TIMBER, 6),
        dots(scatter(10, 600, 1190, 795, 36, 6), "#b3946a", 10),
        dots(scatter(10, 600, 1190, 795, 25, 9), CHALK, 8),
        kale,
        flowers(scatter(560, 640, 900, 680, 8, 3), "#d98aa0", 13),
        flowers(scatter(90, 620, 260, 650, 5, 7), CORN, 12),
        who("iris", 620, 750, 1.6, "wave"),
        who("kofi", 750, 770, 1.3, "glass"),
        who("finn", 850, 750, 1.2, "point"),
        put(path(glass, SLATE), 750, 600),
        birds([(470, 250), (540, 220), (610, 250)], INK, 16),
        boat(130, 590, 0.9, HOP),
    )

"""Scenes in halls: choir, boxing, shared meal, theatre, youth club and tea dance."""

from buildings import bunting, lights, mug, oval_rug, pendant, room, table, window
from kit import (
    BRICK,
    CHALK,
    CLAY,
    CORN,
    CREAM,
    FOAM,
    HOP,
    INK,
    LEAF,
    MINT,
    PLUM,
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
    oval,
    path,
    poly,
    put,
    rect,
    sheet,
    stamp,
    stroke,
    use,
)
from nature import pot
from people import CAST, bust, wheelchair, who


def choir() -> str:
    """A choir on steps before a tall window over the sea."""
    view = rect(340, 60, 520, 330, "#f7d3a2") + rect(340, 270, 520, 120, WAVE) + circle(600, 240, 60, "#fff2cf")
    notes = stroke("M180 200v-70l50-14v70M1010 160v-70l50-14v70", HOP, 8) + dots(
        [(170, 202), (220, 188), (1000, 162), (1050, 148)], HOP, 26
    )
    return sheet(
        room(MINT, "#b98a5e", 640),
        window(340, 60, 520, 330, view),
        notes,
        *(
            who(n, x, 560, 1.45, "hold")
            for n, x in (("bill", 300), ("ada", 420), ("pat", 540), ("gita", 660), ("len", 780), ("cleo", 900))
        ),
        rect(180, 540, 840, 60, WOOD),
        *(
            who(n, x, 650, 1.45, "hold")
            for n, x in (("edie", 360), ("kofi", 480), ("hana", 600), ("jas", 720), ("olga", 840))
        ),
        rect(120, 630, 960, 60, TIMBER),
        rect(0, 690, 1200, 110, "#c99b6a"),
        bust(600, 740, 1.7, "#e2ad82", TIMBER, BRICK),
        stroke("M540 770l-70-70M660 770l70-80", BRICK, 26),
        circle(464, 694, 13, "#e2ad82"),
        circle(734, 686, 13, "#e2ad82"),
        put(wheelchair(0, 0, 1.35, CAST["dev"], "hold"), 1090, 760),
        pot(100, 770, 1.3),
    )


def boxing() -> str:
    """A coach holds pads for a young boxer beside the ring."""
    return sheet(
        room("#6d2f24", "#cdb99a", 620),
        rect(0, 0, 1200, 90, "#59241b"),
        pendant(380, 70, CORN),
        pendant(820, 70, CORN),
        rect(80, 170, 230, 150, CREAM, 6),
        stroke("M110 210h90M110 240h160M110 270h130", BRICK, 10),
        path("M930 160h190v150h-190z", SEA),
        path("M1025 180l16 34 36 4-27 26 8 36-33-18-33 18 8-36-27-26 36-4z", CORN),
        path("M240 560h720l90 110H150z", "#e5d9c0"),
        rect(150, 670, 900, 70, SEA),
        stroke("M240 560V350M960 560V350", INK, 16),
        stroke("M240 380h720M240 440h720M240 500h720", BRICK, 9),
        stroke("M170 660V380M1030 660V380", INK, 18),
        who("cleo", 500, 640, 1.75, "give", "wide"),
        circle(580, 510, 24, BRICK),
        circle(560, 528, 24, BRICK),
        who("pat", 720, 640, 1.8, "reach", "wide", flip=True),
        rect(612, 466, 34, 56, CORN, 12),
        rect(624, 490, 34, 56, CORN, 12),
        stroke("M170 400h860M170 470h860M170 540h860", CHALK, 9),
        stroke("M1110 0v250", SLATE, 8),
        rect(1066, 250, 90, 230, INK, 40),
        rect(1066, 300, 90, 30, BRICK),
        who("ned", 1000, 780, 1.55, "reach", "wide"),
        circle(1076, 650, 22, CORN),
        who("hana", 100, 780, 1.6, "up"),
        who("kofi", 260, 780, 1.3, "up"),
        who("mae", 380, 790, 1.25, "wave"),
    )


def shared_meal() -> str:
    """Neighbours round a long table with soup, bread and flowers under warm lamps."""
    bowl = stamp("b", path("M-34-24h68q-4 26-24 26h-20q-20 0-24-26z", CHALK) + oval(0, -24, 34, 8, CLAY))
    return sheet(
        room("#315f52", "#a9784c"),
        bowl,
        rect(70, 130, 250, 180, "#ffe9b8"),
        rect(880, 130, 250, 180, "#ffe9b8"),
        stroke("M195 130v180M70 220h250M1005 130v180M880 220h250", CHALK, 8),
        path("M70 130h250v180H70zM880 130h250v180H880z", "none", stroke=CHALK, sw=14),
        bunting(330, 60, 540, 40, 8),
        pendant(400, 130, BRICK),
        pendant(600, 100, CORN),
        pendant(800, 130, BRICK),
        *(
            who(n, x, 640, 1.6, p, flip=f)
            for n, x, p, f in (
                ("gita", 160, "give", False),
                ("bill", 310, "hold", False),
                ("ada", 460, "wave", False),
                ("finn", 590, "hold", False),
                ("edie", 730, "give", True),
                ("jas", 880, "hold", False),
                ("hana", 1040, "give", True),
            )
        ),
        rect(60, 560, 1080, 90, CREAM, 10),
        path("M60 610h1080v50q-45 40-90 0t-90 0-90 0-90 0-90 0-90 0-90 0-90 0-90 0-90 0-90 0-90 0z", CHALK),
        *(use("b", x, 592) for x in (150, 320, 470, 740, 890, 1050)),
        path("M570 590v-70h90v70z", SLATE),
        path("M220 590q0-30 40-30t40 30zM940 590q0-30 44-30t44 30z", "#d99a55"),
        stroke("M394 590v-50M394 550l-16-20M394 550l16-24", LEAF, 6),
        dots([(394, 530), (376, 528), (412, 522)], CORN, 20),
        bust(240, 730, 1.5, "#e2ad82", "#b9622c", CORN),
        bust(480, 740, 1.6, "#63402a", INK, CLAY),
        bust(760, 735, 1.5, "#f3cfae", "#e3e0d8", WAVE),
        bust(1000, 735, 1.6, "#c58a5c", INK, STRAW),
    )


def theatre() -> str:
    """A village stage: a play about miners under a painted pit wheel, the audience in front."""
    wheel = circle(600, 210, 66, "none", stroke=INK, sw=10) + stroke(
        "M600 144v132M534 210h132M553 163l94 94M647 163l-94 94M560 270L470 520M640 270l90 250M520 400h170M540 340h124",
        INK,
        9,
    )
    return sheet(
        rect(0, 0, 1200, 800, "#3a1d1a"),
        rect(170, 60, 860, 500, "#f3c98c"),
        circle(420, 230, 70, "#fff2cf"),
        path("M170 480q120-120 260-60t240-40 360 60v140H170z", "#c08a5a"),
        wheel,
        path("M760 520v-90h60v-40h40v40h90v90z", SLATE),
        poly([(170, 60), (330, 60), (560, 560), (300, 560)], "#fff2cf", o=".25"),
        poly([(1030, 60), (870, 60), (640, 560), (900, 560)], "#fff2cf", o=".25"),
        rect(170, 540, 860, 40, TIMBER),
        who("len", 400, 556, 1.5, "point"),
        who("mae", 520, 556, 1.3, "wave"),
        who("dev", 670, 556, 1.5, "hold"),
        who("ada", 800, 556, 1.5, "up"),
        rect(640, 470, 26, 36, "#ffe9ad", 5),
        circle(653, 488, 40, "#ffe9ad", o=".35"),
        path("M60 30h140q60 280-60 540H60zM1140 30h-140q-60 280 60 540h80z", BRICK),
        stroke("M90 60q20 260-10 490M140 60q30 230-20 490M1110 60q-20 260 10 490M1060 60q-30 230 20 490", "#8a3018", 9),
        path(
            "M40 0h1120v70q-70 70-140 0-70 70-140 0-70 70-140 0-70 70-140 0-70 70-140 0-70 70-140 0-70 70-140 0-70 70-140 0z",
            CLAY,
        ),
        stroke(
            "M40 66q70 76 140 4 70 70 140 0 70 70 140 0 70 70 140 0 70 70 140 0 70 70 140 0 70 70 140 0 70 66 140-4",
            CORN,
            9,
        ),
        rect(0, 580, 1200, 220, "#2a1412"),
        *(circle(x, 590, 12, "#ffe9ad") for x in (260, 430, 600, 770, 940)),
        *(
            bust(x, y, s, k, h, c)
            for x, y, s, k, h, c in (
                (130, 680, 1.3, "#e2ad82", TIMBER, SEA),
                (330, 720, 1.5, "#63402a", INK, HOP),
                (540, 690, 1.3, "#f3cfae", "#9c9a94", PLUM),
                (740, 720, 1.5, "#c58a5c", INK, SEA),
                (930, 690, 1.3, "#e2ad82", BRICK, SLATE),
                (1100, 720, 1.5, "#94603c", INK, HOP),
            )
        ),
    )


def youth_club() -> str:
    """Table tennis, a sofa and a mural at an evening youth club."""
    return sheet(
        room("#4d4a7d", "#8a7a86", 590),
        circle(240, 260, 150, BRICK),
        path("M90 410q150-120 300 0z", CORN),
        path("M120 300q60-120 120 0t120 0v60H120z", WAVE),
        circle(330, 180, 40, CORN),
        lights(0, 60, 1200, 60, 13),
        rect(900, 150, 210, 260, INK, 8),
        stroke("M930 200h150M930 250h110M930 300h130M930 350h80", CORN, 8),
        path("M600 180l20 44 48 6-36 32 10 48-42-24-42 24 10-48-36-32 48-6z", FOAM),
        path("M60 600V500q0-30 34-30h330q34 0 34 30v100z", HOP),
        rect(40, 530, 60, 100, LEAF, 20),
        rect(418, 530, 60, 100, LEAF, 20),
        rect(90, 560, 340, 70, LEAF, 14),
        who("hana", 180, 640, 1.5, "hold", "sit"),
        who("kofi", 320, 640, 1.5, "wave", "sit"),
        oval_rug(260, 720, 220, 50, CLAY),
        who("ned", 560, 700, 1.7, "give"),
        who("mae", 1110, 700, 1.7, "give", flip=True),
        path("M620 600h430l50 60H570z", SEA),
        stroke("M834 600v60M620 600h430l50 60H570z", CHALK, 5),
        stroke("M834 650v-76", SLATE, 5),
        path("M810 570h46v70h-46z", CHALK, o=".5"),
        stroke("M610 660v110M1060 660v110", INK, 12),
        circle(640, 576, 22, BRICK),
        circle(1030, 580, 22, BRICK),
        circle(760, 510, 11, WHITE),
        who("finn", 800, 780, 1.35, "up"),
        who("gita", 930, 790, 1.7, "hips"),
        mug(60, 530, 1.1, CORN),
    )


def tea_dance() -> str:
    """Couples dancing in a ballroom under a mirror ball, tea and cakes at the side."""
    ball = circle(600, 130, 64, FOAM) + stroke(
        "M540 110q60 20 120 0M538 146q62 20 124 0M570 76q-20 54 0 108M630 76q20 54 0 108M600 0v194", WHITE, 4
    )
    glints = poly([(560, 180), (640, 180), (860, 620), (340, 620)], "#fff2cf", o=".18") + dots(
        [(180, 120), (300, 220), (420, 90), (780, 100), (900, 230)], "#fff2cf", 20
    )
    return sheet(
        room("#8c4a5c", "#d9a86a", 560),
        stamp("c", path("M0 0h110q20 250-40 560H0z", PLUM)),
        use("c", 0, 0),
        use("c", 1200, 0, flip=True),
        path("M200 460V220a80 80 0 0 1 160 0v240zM840 460V220a80 80 0 0 1 160 0v240z", "#e7b6a2", stroke=CREAM, sw=10),
        glints,
        ball,
        stroke("M0 640h1200M0 720h1200", "#c48f52", 4),
        who("bill", 350, 720, 1.65, "give"),
        who("ada", 440, 720, 1.6, "wave", "walk", flip=True),
        who("edie", 620, 690, 1.55, "wave", "walk"),
        who("pat", 710, 690, 1.55, "give", flip=True),
        put(wheelchair(0, 0, 1.35, CAST["olga"], "up"), 560, 780),
        who("jas", 820, 770, 1.65, "give"),
        who("gita", 910, 770, 1.6, "up", flip=True),
        stamp("t", table(0, 600, 190, 170, CHALK)),
        use("t", 1000, 0),
        stroke("M1090 590v-90M1040 570h100M1056 530h68", STONE, 6),
        dots([(1056, 556), (1124, 556), (1090, 516)], CLAY, 26),
        stamp("m", mug(0, 0, 1.1)),
        *(use("m", x, 590) for x in (1030, 1160)),
        use("t", 10, 0),
        who("hana", 230, 710, 1.55, "hold"),
    )

"""Scenes on the farm: orchard, hops, oasts, windmill and allotment."""

from buildings import cottage, crate, lights, oast
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
    WHITE,
    WOOD,
    circle,
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
from nature import birds, bush, cloud, flowers, poplar, scatter, sun, tree
from people import who


def orchard() -> str:
    """Neighbours in a young orchard in blossom, with hives and a ladder."""
    blossom = dots(scatter(-50, -165, 60, -92, 16, 5), WHITE, 13) + dots(
        scatter(-50, -160, 60, -90, 10, 9), "#eaa9a0", 9
    )
    bloom = stamp("t", tree(1, "#f3c9be", PETAL) + blossom)
    hive = (
        rect(-30, -70, 60, 66, WHITE)
        + poly([(-38, -68), (0, -92), (38, -68)], SLATE)
        + stroke("M-30-48h60M-30-26h60", STONE, 3)
        + stroke("M-10-8h20", INK, 5)
    )
    return sheet(
        sky("#a9d3d6", "#fdf3e0"),
        sun(960, 150, 60),
        cloud(200, 140, 1.1),
        cloud(640, 110, 0.8),
        bloom,
        hill([370, 330, 360, 310, 290, 330, 350], MINT),
        hill([440, 420, 400, 420, 390, 400, 380], SAGE),
        *(
            use("t", x, y, s)
            for x, y, s in (
                (90, 440, 0.6),
                (240, 425, 0.6),
                (390, 420, 0.6),
                (540, 428, 0.6),
                (690, 415, 0.6),
                (850, 415, 0.6),
                (1010, 412, 0.6),
                (1150, 400, 0.6),
            )
        ),
        hill([520, 500, 520, 500, 490, 500, 480], LEAF),
        use("t", 170, 600, 1.35),
        use("t", 1020, 590, 1.35),
        use("t", 760, 540),
        hill([650, 630, 640, 660, 640, 620, 640], "#5d9470"),
        flowers(scatter(30, 690, 1180, 780, 9, 2), WHITE, 12),
        flowers(scatter(30, 680, 1180, 780, 8, 6), CORN, 11),
        stroke("M330 690L420 410M410 690L440 410M346 640h60M362 590h54M378 540h48M394 490h42", WOOD, 9),
        put(hive, 880, 690, 1.1),
        put(hive, 970, 710, 1.1),
        who("mae", 500, 720, 1.5, "give"),
        who("bill", 640, 724, 1.5, "hold", flip=True),
        crate(572, 742, CLAY),
        who("kofi", 765, 740, 1.05, "up"),
        dots([(900, 580), (930, 560), (870, 550), (950, 590)], CORN, 8),
    )


def hop_garden() -> str:
    """Schoolchildren picking hops between tall bines, an oast at the end of the row."""
    bine = "M0 0C-16-80 18-160 0-240S16-340 4-420"
    leaves = dots([(-14 if i % 2 else 14, -i * 29 - 20) for i in range(14)], LEAF, 42) + dots(
        [(16 if i % 2 else -14, -i * 42 - 40) for i in range(9)], "#b9cf86", 20
    )
    plant = stamp("h", stroke("M0 0v-440", TIMBER, 7) + stroke(bine, HOP, 9) + leaves)
    return sheet(
        sky("#f9dfae", "#fff5df"),
        sun(600, 190, 66, "#ffe3a3"),
        plant,
        hill([430, 420, 400, 380, 400, 420, 430], SAGE),
        oast(560, 430, 0.5),
        oast(640, 430, 0.5),
        rect(680, 360, 110, 70, CLAY),
        poly([(670, 362), (690, 320), (780, 320), (800, 362)], BRICK),
        path("M470 430H720L1060 800H130z", "#b98d5c"),
        path("M540 430h110l230 370H380z", "#cfa876", o=".7"),
        hill([430, 430, 430, 430, 430], LEAF, base=440),
        *(
            use("h", x, y, s)
            for x, y, s in (
                (480, 450, 0.5),
                (715, 450, 0.5),
                (420, 500, 0.68),
                (785, 500, 0.68),
                (330, 570, 0.95),
                (880, 570, 0.95),
                (190, 680, 1.35),
                (1020, 680, 1.35),
                (30, 790, 1.8),
                (1180, 790, 1.8),
            )
        ),
        stroke("M30 8L480 226M1180 8L715 226", TIMBER, 4),
        path("M470 640h250l-26 70H496z", CREAM),
        stroke("M462 640h266M486 640l-20 90M704 640l20 90", WOOD, 9),
        dots(scatter(490, 622, 700, 640, 24, 4), "#b9cf86", 22),
        who("len", 420, 730, 1.5, "give"),
        who("hana", 770, 740, 1.3, "give", flip=True),
        who("ned", 560, 770, 1.05, "up"),
        who("mae", 650, 776, 1, "wave"),
        crate(890, 770, "#b9cf86", 0.9),
    )


def oasts() -> str:
    """Three oasts at dusk with lit windows and people arriving with lanterns."""
    glow = "#ffdf94"
    return sheet(
        sky("#3f5f78", "#f3b98a"),
        circle(240, 180, 46, "#fff2cf"),
        dots(scatter(40, 30, 1160, 230, 12, 6), "#fff2cf", 5),
        hill([500, 470, 480, 440, 470, 450, 480], "#54786c"),
        hill([560, 540, 550, 530, 540, 530, 550], "#3d6655"),
        *(put(poplar(0.9, DARK), x, 560) for x in (60, 120, 180)),
        bush(1020, 570, 180, DARK),
        stamp("o", oast(0, 640, 1.08, glow)),
        *(use("o", x, 0) for x in (420, 575, 730)),
        rect(790, 430, 330, 210, TIMBER),
        poly([(770, 434), (820, 310), (1090, 310), (1140, 434)], BRICK),
        path("M830 480h60v60h-60zM1020 480h60v60h-60z", glow),
        rect(920, 480, 74, 160, glow),
        stroke("M957 480v160M860 480v60M1050 480v60", TIMBER, 5),
        hill([640, 630, 640, 640, 636, 640, 640], HOP),
        path("M900 640h120q40 90 180 160H420q380-60 480-160z", "#e3bd83", o=".75"),
        lights(340, 470, 460, 46, 8),
        who("gita", 560, 760, 1.35, "point"),
        circle(643, 622, 40, glow, o=".35"),
        rect(632, 606, 22, 30, "#fff2cf", 4),
        who("bill", 480, 770, 1.35, "walk", "walk"),
        who("ada", 760, 720, 1.1, "walk", "walk"),
        who("finn", 820, 716, 0.85, "wave", "walk"),
        who("jas", 1010, 690, 0.95, "wave", flip=True),
        birds([(860, 180), (930, 150), (1000, 190)], INK),
    )


def windmill() -> str:
    """A white windmill on a hill over ripe wheat, with a kite flying."""
    sail = "M0 0V-210h46V-40z"
    cross = stroke("M0 230V-230M-230 0H230", TIMBER, 9) + "".join(
        put(
            path(sail, CHALK, stroke=WOOD, sw=4) + stroke("M0-60h46M0-95h46M0-130h46M0-165h46M23-40v-170", WOOD, 3),
            turn=a,
        )
        for a in (0, 90, 180, 270)
    )
    wheat = "".join(f"M{x} {y}v-40" for x, y in scatter(20, 740, 1190, 800, 34, 3))
    ears = [(x, y - 48) for x, y in scatter(20, 740, 1190, 800, 34, 3)]
    return sheet(
        sky("#7fbcc6", "#fdf1d6"),
        sun(250, 170, 64),
        cloud(90, 300, 1),
        cloud(860, 150, 1.2),
        cloud(480, 110, 0.8),
        hill([520, 480, 500, 440, 400, 430, 480], SAGE),
        hill([600, 570, 540, 500, 470, 520, 560], LEAF),
        path("M640 520l40-270h180l40 270z", WHITE),
        path("M790 250h70l40 270h-80z", MIST),
        path("M666 256a104 100 0 0 1 208 0z", SLATE),
        rect(640, 508, 260, 34, BRICK),
        path("M740 542v-64h60v64z", SEA),
        path("M752 390h36v44h-36zM752 310h36v40h-36z", FOAM, stroke=CHALK, sw=4),
        put(cross, 770, 236, turn=18),
        circle(770, 236, 14, BRICK),
        hill([640, 620, 600, 580, 590, 600, 620], "#c9a75a"),
        hill([700, 690, 670, 660, 670, 660, 690], CORN),
        stroke(wheat, "#b88a35", 4),
        stroke("".join(f"M{x} {y}v-14" for x, y in ears), "#f4d68e", 11),
        path("M560 600q-60 80-20 200h140q-60-110-50-200z", CREAM, o=".8"),
        who("iris", 400, 690, 1.25, "up"),
        who("kofi", 320, 700, 1, "point"),
        stroke("M448 512Q470 380 420 290", INK, 2),
        poly([(420, 290), (380, 230), (430, 170), (464, 240)], BRICK),
        stroke("M430 170L420 290M380 230l84 10", CHALK, 3),
        who("bill", 980, 640, 1.1, "wave"),
        who("cleo", 1060, 646, 1.1, "hips"),
        birds([(600, 200), (1040, 300), (980, 270)], SLATE),
    )


def allotment() -> str:
    """Beginners on an allotment: beds, bean canes, a shed and a scarecrow."""
    leaf = stamp("c", path("M0 0q-26-2-28-24 22-2 28 14 6-18 28-16-2 24-28 26z", SAGE))
    rows = "".join(use("c", x, 606 + i * 70, 1.4) for i in range(3) for x in range(100, 460, 80))
    canes = "".join(f"M{x} 620L{x + 26} 380 {x + 52} 620" for x in range(720, 960, 60))
    return sheet(
        sky("#a3d0d5", "#fff3da"),
        sun(180, 150, 58),
        cloud(380, 150, 1),
        cloud(880, 120, 1.1),
        leaf,
        hill([430, 410, 420, 400, 410, 420, 410], SAGE),
        stamp("h", cottage(0, 440, 110, 66)),
        *(use("h", x, 0) for x in (420, 570, 720)),
        stroke("M0 470h1200M0 440h1200" + "".join(f"M{x} 420v70" for x in range(60, 1200, 180)), "#b08a5b", 7),
        rect(0, 480, 1200, 320, "#7fa86b"),
        rect(960, 330, 200, 210, SEA),
        poly([(940, 334), (1060, 260), (1180, 334)], TIMBER),
        rect(1010, 400, 70, 140, CORN),
        rect(1100, 400, 44, 44, FOAM),
        rect(900, 460, 52, 84, HOP, 8),
        stroke("M898 480h56M898 520h56", LEAF, 4),
        path("M60 560h440l50 220H20z", TIMBER),
        path("M660 580h340l40 60H640zM640 680h400l50 110H600z", "#6b4630"),
        rows,
        stroke(canes, WOOD, 6),
        stroke("M740 382h230", WOOD, 6),
        dots(scatter(740, 410, 960, 600, 20, 4), LEAF, 30),
        dots(scatter(740, 410, 960, 600, 12, 7), BRICK, 12),
        stroke("M586 700V440M520 500h132", TIMBER, 10),
        path("M536 486h100l-12 110h-76z", BRICK),
        circle(586, 448, 28, STRAW),
        path("M540 436q46-16 92 0l-18-6q0-40-28-40t-28 40z", TIMBER),
        stroke("M578 446v2M594 446v2M576 458q10 8 20 0", INK, 4),
        stroke("M690 714v-6M770 714v-6M960 714v-6", HOP, 12),
        dots([(690, 744), (770, 748), (960, 744)], "#d9772f", 60),
        who("cleo", 300, 700, 1.45, "give"),
        who("hana", 430, 720, 1.4, "hold", flip=True),
        crate(366, 750, "#d9772f"),
        who("bill", 1090, 720, 1.4, "hips"),
        stroke("M1030 590v140M1012 730h36", WOOD, 8),
    )

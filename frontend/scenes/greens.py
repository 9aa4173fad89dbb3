"""Scenes on the green: playground, pitch, skate park, village hall and walled garden."""

from buildings import bench, cottage, panes
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
    PETAL,
    SAGE,
    SEA,
    SLATE,
    TIMBER,
    VIOLET,
    WHITE,
    WOOD,
    circle,
    dots,
    hill,
    oval,
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
from nature import birds, bush, cloud, flowers, scatter, sun, tree
from people import CAST, wheelchair, who


def playground() -> str:
    """A playground where a child in a wheelchair shares the roundabout."""
    return sheet(
        sky("#9bd0d6", "#fdf3da"),
        sun(1040, 150, 60),
        cloud(140, 140, 1.1),
        cloud(560, 110, 0.9),
        hill([440, 420, 430, 410, 420, 410, 430], SAGE),
        stamp("t", tree()),
        use("t", 80, 500, 1.4),
        use("t", 660, 460),
        use("t", 1140, 500, 1.4),
        hill([520, 510, 516, 510, 520, 510, 516], "#8dbb7c"),
        path("M60 800q60-170 540-180t560 180z", "#e2b48c"),
        stroke("M120 640L190 320M260 640L190 320M190 320H500M430 640L500 320M570 640L500 320", BRICK, 14),
        stroke("M270 330L240 540M320 330L300 540M400 330v210M450 330v210", SLATE, 5),
        stroke("M236 542h70M394 542h62", INK, 12),
        who("mae", 268, 600, 1, "up", "sit"),
        who("ned", 424, 600, 1, "up", "sit"),
        stroke("M800 640V360M900 640V360M800 440h100M800 500h100M800 560h100", SEA, 12),
        poly([(770, 366), (850, 290), (930, 366)], CORN),
        path("M900 400q110 20 170 220h60v24h-86q-50-180-144-206z", CLAY),
        who("kofi", 850, 440, 0.8, "up", "none"),
        who("finn", 1024, 590, 0.95, "up", "sit"),
        oval(620, 720, 230, 54, TIMBER),
        oval(620, 706, 230, 54, CORN),
        oval(620, 706, 150, 34, BRICK),
        stroke("M450 690v-80q40-30 80 0M790 690v-80q-40-30-80 0", HOP, 9),
        put(wheelchair(0, 0, 1.2, CAST["ada"], "up"), 630, 716),
        who("hana", 470, 700, 1, "wave"),
        who("dev", 800, 760, 1.5, "reach", flip=True),
    )


def walking_football() -> str:
    """Older players enjoying walking football under trees at the edge of town."""
    lines = stroke(
        "M0 560h1200M600 460q-20 150-60 340M-20 700h220l60-140M1220 700h-240l-40-140M470 650q130-70 270 0q-130 70-270 0",
        WHITE,
        7,
        o=".8",
    )
    ball = circle(0, 0, 22, WHITE) + path("M0-9l9 6-4 11h-10l-4-11zM-20-8l7 2-2 9zM20-8l-7 2 2 9z", INK)
    return sheet(
        sky("#a5d3d6", "#fdf0d6"),
        cloud(200, 130, 1),
        sun(1010, 150, 56),
        stamp("c", cottage(0, 440, 130, 80)),
        *(use("c", x, 0) for x in (40, 190, 340, 820, 970)),
        stamp("t", tree()),
        use("t", 640, 450, 1.2),
        rect(0, 436, 1200, 26, HOP),
        path("M0 460h1200v340H0z", "#74aa68"),
        path("M300 460h150l-60 340H190zM600 460h150l60 340H580zM900 460h150l150 340h-180z", "#82b673"),
        lines,
        stroke("M420 560V440H760V560", WHITE, 11),
        stroke("M500 446v104M590 446v104M680 446v104M424 500h332", WHITE, 2, o=".7"),
        stroke("M90 470V230M1110 470V230", SLATE, 9),
        rect(50, 200, 80, 44, "#ffe9ad", 6),
        rect(1070, 200, 80, 44, "#ffe9ad", 6),
        who("pat", 590, 580, 1, "up", "wide"),
        who("len", 330, 690, 1.5, "walk", "walk"),
        who("edie", 820, 680, 1.45, "walk", "walk", flip=True),
        who("jas", 680, 750, 1.6, "wave", "walk", flip=True),
        who("bill", 500, 740, 1.55, "walk", "walk"),
        put(ball, 590, 752),
        who("cleo", 1040, 720, 1.5, "hips"),
        who("gita", 150, 730, 1.5, "up"),
    )


def skate_park() -> str:
    """Skaters and scooters on ramps at sunset."""
    board = (
        stroke("M-50-10q-10-2-12-8M50-10q10-2 12-8M-50-10h100", BRICK, 9)
        + circle(-32, 0, 8, INK)
        + circle(32, 0, 8, INK)
    )
    return sheet(
        sky("#6a7fa8", "#f9bd8d"),
        circle(830, 380, 130, "#ffdf9e", o=".5"),
        circle(830, 380, 86, "#ffe9b8"),
        stroke("M60 160h240M140 210h180M900 140h240M980 190h160M480 110h160", PETAL, 14, o=".5"),
        path("M0 480h100v-60h60v60h120v-40l40-30 40 30v40h260v-60h50v60h130v-36h120v36h280v60H0z", "#56628a"),
        hill([520, 510, 516, 510, 514, 510, 520], "#4a6b63"),
        path("M0 800V470q10 160 200 190h300l120-80h200l120 80q190-20 210-200l50-10v350z", "#c9c4ba"),
        path("M0 470q10 160 200 190h300l120-80h200l120 80q190-20 210-200v26q-20 190-210 210H480L0 520z", "#b3aea4"),
        path("M620 580h200l40 26H580z", CHALK),
        stroke("M600 572h240", BRICK, 9),
        stroke("M40 730q60-50 120 0t120 0 120 0 120 0 120 0 120 0 120 0 120 0 120 0", CLAY, 26, o=".8"),
        stroke("M40 766q60-50 120 0t120 0 120 0 120 0 120 0 120 0 120 0 120 0 120 0", CORN, 18, o=".8"),
        put(who("ned", 0, -10, 1.35, "up", "wide") + put(board, 0, 6), 330, 470, turn=-18),
        put(who("mae", 0, -10, 1.4, "hips", "wide") + put(board, 0, 6), 720, 556),
        put(who("ada", 0, -10, 1.35, "up", "wide") + put(board, 0, 6, flip=True), 1050, 600, turn=-30),
        stroke("M470 690L450 560M420 566h60M440 700h90", INK, 8),
        circle(440, 716, 16, INK),
        circle(536, 716, 16, INK),
        put(who("finn", 0, 0, 1.2, "reach", flip=True), 510, 700),
        who("iris", 90, 610, 1.1, "wave"),
        who("kofi", 160, 640, 1.05, "up"),
        birds([(540, 230), (600, 250)], INK),
    )


def village_hall() -> str:
    """A village hall with solar panels on its roof and children on the green."""
    return sheet(
        sky("#9ccfd8", "#fff3d8"),
        sun(980, 150, 72, "#ffe08a"),
        cloud(120, 140, 1.1),
        hill([430, 400, 410, 390, 400, 390, 400], MINT),
        hill([480, 460, 470, 450, 460, 450, 460], SAGE),
        stamp("t", tree()),
        use("t", 90, 560, 1.6),
        use("t", 1110, 560, 1.6),
        use("t", 1010, 500),
        rect(250, 380, 640, 220, CREAM),
        path("M210 390L320 220H820L930 390z", BRICK),
        path("M340 244h440l66 112H270z", SEA),
        stroke("M326 282h488M302 320h536M450 244l-42 112M560 244v112M670 244l42 112", FOAM, 4),
        path("M480 600V420l90-70 90 70v180z", CHALK),
        path("M462 430l108-86 108 86z", CLAY),
        rect(530, 470, 80, 130, HOP),
        stroke("M570 470v130", CORN, 4),
        circle(570, 410, 24, WHITE, stroke=INK, sw=4),
        stroke("M570 396v14l9 6", INK, 3),
        panes([(290, 440), (380, 440), (700, 440), (790, 440)], 64, 96),
        hill([600, 596, 600, 596, 600, 596, 600], "#86b873"),
        path("M530 600h80l120 200H420z", "#e3cfa3"),
        bush(240, 606, 130, HOP),
        bush(780, 606, 130, HOP),
        flowers(scatter(40, 690, 400, 770, 5, 3) + scatter(760, 690, 1180, 770, 6, 4), CORN, 13),
        who("bill", 480, 700, 1.35, "wave"),
        who("gita", 680, 690, 1.35, "point", flip=True),
        who("kofi", 270, 720, 1.05, "up", "walk"),
        who("mae", 180, 740, 1.05, "up", "walk"),
        circle(340, 640, 22, BRICK),
        who("edie", 900, 720, 1.4, "hold"),
    )


def quiet_garden() -> str:
    """A walled garden with raised beds, a rose arch and people talking on a bench."""
    return sheet(
        sky("#b7dbd9", "#fdf4de"),
        cloud(160, 120, 1),
        cloud(880, 110, 1),
        stamp("t", tree()),
        use("t", 140, 330, 1.5),
        use("t", 1060, 330, 1.6),
        rect(0, 290, 1200, 260, "#c97f5d"),
        rect(0, 276, 1200, 26, BRICK),
        stroke("".join(f"M{x} {y}h40" for x, y in scatter(10, 320, 1160, 530, 22, 5)), "#b56a48", 7),
        hill([550, 546, 550, 546, 550, 546, 550], "#96c081"),
        path("M540 550h120l170 250H370z", "#ecdcb8"),
        path("M510 560V350a90 90 0 0 1 180 0v210", "none", stroke=CHALK, sw=14),
        path("M530 550V350a70 70 0 0 1 140 0v200z", MINT),
        use("t", 600, 540, 0.8),
        path("M510 560V350a90 90 0 0 1 180 0v210", "none", stroke=LEAF, sw=18, stroke_dasharray="2 24"),
        dots(
            [
                (508, 520),
                (514, 430),
                (506, 350),
                (540, 285),
                (600, 256),
                (660, 285),
                (694, 350),
                (688, 430),
                (692, 520),
            ],
            "#e58a78",
            24,
        ),
        stroke("M160 546q-40-80 10-130t-10-90M1010 546q40-80-10-130t10-90", LEAF, 12),
        dots(
            [(140, 500), (172, 450), (150, 390), (180, 350), (1030, 490), (1000, 440), (1026, 380), (996, 340)],
            "#f5d5dc",
            30,
        ),
        rect(60, 620, 280, 70, WOOD),
        rect(880, 610, 270, 70, WOOD),
        dots(scatter(76, 590, 324, 612, 18, 3) + scatter(896, 580, 1134, 602, 18, 4), LEAF, 40),
        dots(scatter(80, 560, 320, 610, 9, 5), VIOLET, 17),
        dots(scatter(900, 552, 1130, 600, 9, 6), CORN, 17),
        stroke("M60 654h280M880 644h270", TIMBER, 4),
        bench(690, 700, 200),
        who("edie", 750, 716, 1.35, "hold", "sit"),
        who("ned", 850, 716, 1.35, "give", "sit", flip=True),
        who("hana", 400, 730, 1.45, "give", flip=True),
        put(wheelchair(0, 0, 1.3, CAST["pat"], "reach", flip=True), 480, 770),
        path("M300 590h46v36h-46zM346 600l28-14", SEA, stroke=SEA, sw=6),
    )

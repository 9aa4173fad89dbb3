"""Scenes in the quiet places: marsh, bluebell wood and pond."""

from buildings import bench, cottage
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
    SAGE,
    SEA,
    SLATE,
    STONE,
    TIMBER,
    WAVE,
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
from nature import birds, bush, cloud, reeds, scatter, sheep, sun, tree
from people import who


def marsh_sheep() -> str:
    """Sheep on the marsh by a brick lookers' hut, ditches running to the horizon."""
    return sheet(
        sky("#9ccbd3", "#f6efdc"),
        cloud(90, 180, 1.3),
        cloud(520, 120, 1),
        cloud(900, 200, 1.2),
        stamp("s", sheep()),
        rect(0, 380, 1200, 420, SAGE),
        rect(0, 380, 1200, 30, MINT),
        poly([(930, 384), (948, 300), (966, 384)], SLATE),
        rect(966, 346, 90, 38, STONE),
        poly([(960, 348), (980, 324), (1046, 324), (1060, 348)], CLAY),
        bush(860, 388, 90, LEAF),
        bush(1060, 388, 120, LEAF),
        bush(120, 388, 160, LEAF),
        path("M560 400q-60 60 40 110t-80 130q-110 70-190 160h230q10-80 110-150t20-140q-60-50-60-110z", FOAM),
        stroke("M540 600h60M450 700h90M590 520h40", WHITE, 6, o=".7"),
        path("M0 440q300-30 540 0l-30 26Q260 440 0 470zM660 430q260-26 540 4v24Q900 440 660 450z", "#7aa57f", o=".7"),
        rect(790, 420, 220, 150, CLAY),
        stroke("M800 450h40M860 480h50M820 520h46M930 450h50M940 530h50M800 550h30", BRICK, 5),
        poly([(766, 424), (800, 330), (1000, 330), (1034, 424)], BRICK),
        rect(950, 290, 34, 70, BRICK),
        rect(872, 470, 60, 100, SEA),
        path("M812 470h40v40h-40zM952 470h40v40h-40z", FOAM, stroke=CHALK, sw=5),
        stroke("M966 280q-16-20 0-38t0-36", WHITE, 8, o=".6"),
        stroke("M640 590h520M640 630h520M650 566v90M770 566v90M890 566v90M1010 566v90M1130 566v90", WOOD, 9),
        reeds(500, 720, 6),
        reeds(330, 780, 4, LEAF),
        reeds(640, 640, 4),
        use("s", 160, 560, 1.2),
        use("s", 300, 510, 0.8),
        use("s", 90, 690, 1.9),
        use("s", 260, 740, 1.6, flip=True),
        use("s", 710, 760, 1.9),
        use("s", 390, 470, 0.5),
        use("s", 460, 460, 0.45, flip=True),
        use("s", 1080, 520, 0.8),
        who("len", 960, 770, 1.5, "hips"),
        who("olga", 1060, 770, 1.3, "point", flip=True),
        stroke("M905 610v160", TIMBER, 7),
        birds([(330, 260), (420, 290), (700, 270), (640, 310)], SLATE),
    )


def bluebells() -> str:
    """A smooth path winding through a bluebell wood."""
    trunks = "".join(
        path(f"M{x - w} 0h{2 * w}q-4 {y // 2} {w // 2} {y}h-{3 * w}q{w // 2}-{y // 2} 0-{y}z", c)
        for x, w, y, c in (
            (90, 26, 640, TIMBER),
            (330, 18, 540, "#7a6a52"),
            (470, 12, 470, "#96876c"),
            (720, 13, 470, "#96876c"),
            (880, 20, 560, "#7a6a52"),
            (1110, 30, 660, TIMBER),
        )
    )
    return sheet(
        sky("#e9efc4", "#cfe0ae"),
        circle(600, 260, 220, "#fff8d8", o=".7"),
        stroke("M200 0v430M270 0v440M560 0v430M620 0v420M790 0v430M980 0v440M1040 0v430M400 0v420", "#aeb987", 14),
        hill([450, 430, 440, 430, 440, 430, 450], "#a6a4cf"),
        hill([500, 490, 480, 490, 486, 480, 500], "#8d84c4"),
        trunks,
        hill([620, 590, 570, 580, 576, 590, 640], "#7368b4"),
        path("M590 440q60 40-20 90t10 110q60 60-60 160h330q40-120-90-190t-70-110 0-60z", "#d9bd92"),
        path("M596 446q50 40-6 84t40 110q60 70-10 160h90q10-110-70-180t-20-100 10-74z", "#e8d3b0", o=".7"),
        dots(scatter(0, 520, 560, 600, 26, 3), "#b9b4e6", 13),
        dots(scatter(10, 620, 470, 790, 30, 5), "#c8c3ef", 19),
        dots(scatter(900, 620, 1190, 790, 22, 8), "#c8c3ef", 19),
        dots(scatter(20, 640, 480, 790, 14, 11), MINT, 12),
        dots(scatter(760, 510, 1190, 600, 18, 2), "#b9b4e6", 13),
        path(
            "M0 0h420q-40 90-130 70-30 70-120 40Q90 170 0 120zM700 0h500v160q-80 30-140-40-90 50-150-20-110 40-210-100z",
            LEAF,
            o=".85",
        ),
        path("M0 0h240q-60 80-240 60zM960 0h240v80Q1040 90 960 0z", HOP, o=".8"),
        who("gita", 700, 660, 1.15, "walk", "walk"),
        put(who("edie", 0, 0, 1, "hold", "sit"), 610, 650, 1.05),
        stroke("M590 590v-54M594 596h34l10 44M588 540h-12", INK, 6),
        circle(604, 632, 32, "none", stroke=INK, sw=6),
        who("finn", 790, 640, 0.8, "up", "walk"),
        bench(930, 600, 130),
        put(
            stroke("M-26 0v-40M-12 0v-42M18 0v-42M28 0v-40", WOOD, 6)
            + stroke("M-22-56h44", WOOD, 30)
            + stroke("M26-62L40-96", WOOD, 14)
            + oval(46, -104, 15, 10, WOOD)
            + stroke("M36-112l-8-18M44-114l6-20", WOOD, 5),
            420,
            520,
            0.85,
        ),
    )


def pond() -> str:
    """Children dipping nets from a platform on a pond with lilies and a dragonfly."""
    pads = "".join(
        oval(x, y, 44, 14, LEAF)
        for x, y in ((300, 560), (390, 600), (240, 620), (760, 560), (860, 600), (480, 700), (330, 700))
    )
    fly = (
        stroke("M-40 0h80", SEA, 7)
        + "".join(
            oval(x, y, 30, 8, FOAM, o=".85", transform=f"rotate({t} {x} {y})")
            for x, y, t in ((0, -18, 60), (20, -18, 120), (0, 18, -60), (20, 18, -120))
        )
        + circle(42, 0, 7, INK)
    )
    return sheet(
        sky("#bfe0da", "#fbf3d8"),
        sun(980, 140, 56),
        cloud(130, 140, 1),
        cloud(560, 110, 0.9),
        hill([400, 380, 390, 370, 390, 380, 390], SAGE),
        stamp("t", tree()),
        *(use("t", x, y, s) for x, y, s in ((120, 470, 1.5), (300, 460, 1.1), (1080, 470, 1.6), (900, 455, 1))),
        cottage(520, 430, 120, 74, CREAM),
        hill([470, 460, 450, 446, 450, 460, 480], "#8dbb7c"),
        path("M60 640C60 500 300 480 600 486S1140 520 1150 640 960 800 600 800 60 770 60 640z", "#b59a6c"),
        path("M84 640C84 516 310 496 600 502S1126 536 1126 640 950 790 600 790 84 764 84 640z", WAVE),
        path("M140 620C160 540 350 516 560 518L300 700q-150-20-160-80z", FOAM, o=".35"),
        stroke("M420 540h120M640 740h160M220 680h90M900 660h110", WHITE, 5, o=".5"),
        pads,
        dots([(306, 548), (764, 548), (486, 688)], "#f2b6c0", 24),
        dots([(306, 548), (764, 548), (486, 688)], CORN, 8),
        reeds(1030, 600, 6, HOP, 130),
        path("M560 600h300l60 130H540z", WOOD),
        stroke("M556 630h312M550 664h330M544 698h360", TIMBER, 5),
        stroke("M556 730v50M900 730v50", TIMBER, 14),
        who("iris", 800, 690, 1.45, "point", flip=True),
        who("kofi", 690, 700, 1.1, "give", flip=True),
        who("mae", 600, 690, 1.05, "give", flip=True),
        stroke("M655 620L450 690M566 615L400 640", CORN, 6),
        path("M460 676q-50-4-52 20 30 26 60-6zM404 632q-44-6-48 14 26 22 54-2z", WHITE, o=".8"),
        rect(830, 690, 40, 40, BRICK, 6),
        oval(850, 690, 20, 7, FOAM),
        put(fly, 420, 420, 1.3, turn=-20),
        birds([(700, 220), (760, 250)], SLATE),
    )

#!/bin/sh
# Cuts the two faces down to the letters and weights we use. Needs `pip install fonttools brotli`.
set -eu
cd "$(dirname "$0")"
source=node_modules/@fontsource-variable
out=../static/fonts
letters='U+0020-007E,U+00A0-00FF,U+0131,U+0152-0153,U+2013-2014,U+2018-201A,U+201C-201E,U+2022,U+2026,U+20AC,U+2212'
mkdir -p "$out" build

subset() { # from, to
  pyftsubset "$1" --output-file="$2" --flavor=woff2 --unicodes="$letters" \
    --layout-features=kern,liga,calt,ccmp,locl,mark,mkmk,lnum,tnum --no-hinting --desubroutinize
}

# Headings: one weight, cut for large sizes, a little rounder than the default.
fonttools varLib.instancer "$source/fraunces/files/fraunces-latin-full-normal.woff2" \
  opsz=60 wght=600 SOFT=60 WONK=0 --output build/fraunces.ttf
subset build/fraunces.ttf "$out/fraunces-600.woff2"

# Text: from regular to bold.
fonttools varLib.instancer "$source/figtree/files/figtree-latin-wght-normal.woff2" \
  wght=400:700 --output build/figtree.ttf
subset build/figtree.ttf "$out/figtree.woff2"

cp "$source/fraunces/LICENSE" "$out/OFL-fraunces.txt"
cp "$source/figtree/LICENSE" "$out/OFL-figtree.txt"

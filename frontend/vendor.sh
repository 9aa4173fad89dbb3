#!/bin/sh
# Copies what browsers get as it is from others' packages; static/vendor/VENDOR.md lists it.
set -eu
cd "$(dirname "$0")"
htmx=../static/vendor/htmx@2.0.11
mkdir -p "$htmx"
cp node_modules/htmx.org/dist/htmx.min.js node_modules/htmx.org/LICENSE "$htmx/"
sha256sum "$htmx"/* ../static/fonts/*

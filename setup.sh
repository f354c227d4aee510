#!/bin/sh
# Make .venv with what Labeltrail and its tests need. Quick when nothing changed since the last time: `make` calls it always.
set -eu
cd "$(dirname "$0")"

fail() {
    printf '%s\n' "$@" >&2
    exit 1
}

# Python: the named one, else the newest that will do.
find_python() {
    for name in ${PYTHON:-} python3.13 python3.12 python3.11 python3 python; do
        if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            command -v "$name"
            return
        fi
    done
    fail "Labeltrail needs Python 3.11 or newer; found: $(python3 --version 2>&1 || echo none)." \
        "Install it (Debian 12, Ubuntu 24.04: apt-get install python3 python3-venv; macOS: brew install python)," \
        "or name it: make setup PYTHON=/path/to/python3"
}

make_environment() {
    if .venv/bin/python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        return
    fi
    python=$(find_python)
    echo "Making .venv with $python"
    rm -rf .venv
    "$python" -m venv .venv || {
        rm -rf .venv
        fail "$python cannot make an environment. Debian and Ubuntu keep that apart: apt-get install python3-venv"
    }
}

install_packages() {
    wanted=$(cat requirements.txt requirements-dev.txt | cksum)
    if [ "$(cat .venv/requirements.stamp 2>/dev/null)" = "$wanted" ]; then
        return
    fi
    echo "Installing Python packages"
    .venv/bin/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
    echo "$wanted" >.venv/requirements.stamp
}

# Libraries and programs of the machine. $packages are needed (PDF reports), $tools only by tests, $fonts only by reports
# whose names are Chinese, Japanese or Korean (90 MB).
find_missing() {
    packages="" tools="" fonts=""
    .venv/bin/python -c 'import weasyprint' >/dev/null 2>&1 ||
        packages="libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"
    command -v pdftotext >/dev/null || tools="$tools poppler-utils"
    command -v qpdf >/dev/null || tools="$tools qpdf"
    command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null ||
        tools="$tools chromium"
    [ "$(uname)" = Darwin ] || [ -e "${CJK_FONT:-/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc}" ] ||
        fonts=" fonts-noto-cjk"
}

install_for_machine() {
    find_missing
    [ -n "$packages$tools$fonts" ] || return 0
    # What was in vain once is not tried again at every `make`.
    [ "$(cat .venv/machine.stamp 2>/dev/null)" != "$packages$tools$fonts" ] || return 0
    as_root=""
    [ "$(id -u)" = 0 ] || as_root="sudo -n"
    if command -v apt-get >/dev/null && $as_root true 2>/dev/null; then
        echo "Installing $packages$tools$fonts"
        $as_root env DEBIAN_FRONTEND=noninteractive apt-get update -qq || true
        # One by one: a package that this release does not have must not keep the others away.
        for package in $packages $tools $fonts; do
            $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$package" \
                >/dev/null || echo "apt-get could not install $package" >&2
        done
        find_missing
    fi
    printf '%s' "$packages$tools$fonts" >.venv/machine.stamp
    [ -n "$packages$tools$fonts" ] || return 0
    if [ "$(uname)" = Darwin ]; then
        echo "Missing on this machine:$packages$tools. Install: brew install pango poppler qpdf; brew install --cask chromium" >&2
    else
        echo "Missing on this machine: $packages$tools$fonts. Ask its administrator to install these packages" >&2
    fi
    [ -z "$packages" ] || echo "Without Pango there are no PDF reports." >&2
    [ -z "$tools" ] || echo "Without$tools some tests are skipped." >&2
    [ -z "$fonts" ] || echo "Without$fonts reports print Chinese, Japanese and Korean characters as code points." >&2
}

make_environment
install_packages
install_for_machine

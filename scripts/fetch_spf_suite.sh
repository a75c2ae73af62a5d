#!/bin/sh
# The test suite of RFC 7208 (BSD licence) lies in the source package of pyspf. It is fetched by hash, and never kept in git.
set -u
to=build/suites
[ -f "$to/pyspf-2.0.14.tar.gz" ] && exit 0
mkdir -p "$to"
"${1:-python3}" -m pip --disable-pip-version-check -q download --no-deps --no-binary :all: --require-hashes -d "$to" \
    -r requirements/suites.txt || echo "Could not fetch the SPF test suite; the tests that need it will say so." >&2

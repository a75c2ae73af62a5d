#!/bin/sh
# Texts of others that the tests send through everything (MIT licences): the Big List of Naughty Strings, and Lee Munroe's mail
# template. They are fetched from npm by hash, and never kept in git.
set -u
to=build/suites
fetch() {
    file="$to/$1-$2.tgz"
    [ -f "$file" ] && return
    npm pack --silent --pack-destination "$to" "$1@$2" >/dev/null 2>&1
    echo "$3  $file" | sha256sum -c --status 2>/dev/null \
        || { rm -f "$file"; echo "Could not fetch $1; the tests that need it will say so." >&2; }
}
mkdir -p "$to"
fetch big-list-of-naughty-strings 1.0.0 fcf8ad8bd3557f1f13cfcf63816b174363704df6eb36088c384c17c012091d73
fetch responsive-html-email-template 1.0.0 eedccf39fd8ae9d9d496b9700853b888b3fe207f2668003f78e37320d2c43d76

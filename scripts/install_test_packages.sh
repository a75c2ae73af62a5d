#!/bin/sh
# Debian packages that the tests drive for real. Does nothing where they are present or can't be installed.
set -u
missing=""
command -v chromium >/dev/null 2>&1 || missing="$missing chromium"
command -v spamassassin >/dev/null 2>&1 || missing="$missing spamassassin"
perl -MMail::DKIM -e 1 >/dev/null 2>&1 || missing="$missing libmail-dkim-perl"
[ -x /usr/lib/dovecot/imap ] && [ -x /usr/lib/dovecot/pop3 ] || missing="$missing dovecot-imapd dovecot-pop3d"
[ -z "$missing" ] && exit 0
# RUNLEVEL=1: the tests start their own server, so none is started for the machine.
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing for the tests:$missing"
    { apt-get update -qq && RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing; } >/dev/null \
        || echo "Could not install$missing; the tests that need it will say so." >&2
else
    echo "Not installed:$missing. The tests that need it are skipped and say so." >&2
fi

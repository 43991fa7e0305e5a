#!/usr/bin/env bash
# backup.sh FOLDER [DAYS]: one archive of all that cannot be made anew, in FOLDER; those older than DAYS (30) go.
#
# In it: config/, prompts/, audio/, the versions of the files (.versions), the counts, and what was mailed to whom.
# Not in it, on purpose:
# - erasures (calls whose records at Twilio are still to be erased), neither the table nor the spool: what has been
#   erased must not live on in a copy;
# - the anonymous destination's counts of the running month: one copy a night would tell the day of each call;
# - secrets: keep /etc/balielijn/balielijn.env and /etc/balielijn-console/seal.keys in the office's password safe. Without
#   the latter nobody's authenticator app works after a restore; whoever has one then gets a new link.
#
# Reads IVR_HOME, IVR_STATE and IVR_DATABASE_URL, as the line does. Needs pg_dump of the server's version or later.
set -euo pipefail
umask 077

# shellcheck source=deploy/store.sh
. "$(dirname "$(realpath "$0")")/store.sh"
to=$(realpath -e "${1:?"backup.sh FOLDER [DAYS]"}")
days=${2:-30}

exec {alone}<"$to"
flock "$alone"          # one backup at a time: another one that is at work there is waited for
rm -rf "$to"/.making.*  # of a backup that was killed
work=$(mktemp -d "$to/.making.XXXXXX")
trap 'rm -rf "$work"' EXIT
mkdir "$work/home" "$work/store"
# A version that is being made is waited for: half of one could not be read.
if [ -e "$home/.versions/alone" ]; then
    exec {versions}<"$home/.versions/alone"
    flock -w 60 "$versions" || echo "the versions are written to while they are copied" >&2
fi
for part in config prompts audio .versions; do
    [ ! -e "$home/$part" ] || cp -a "$home/$part" "$work/home/"
done
[ -z "${versions:-}" ] || exec {versions}<&-
save_store "$work/store"

name=balielijn-$(date -u +%Y-%m-%dT%H%M%SZ).tar.gz
tar -C "$work" -czf "$work/$name" home store
mv "$work/$name" "$to/$name"
find "$to" -maxdepth 1 -name 'balielijn-*.tar.gz' -mtime "+$days" -delete
echo "$to/$name"

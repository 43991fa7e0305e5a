#!/usr/bin/env bash
# fetch-backups.sh FROM FOLDER [DAYS]: fetches the line's backups to another machine, which this is typed on; those older
# than DAYS (90) go. Exits with 1, and says why, where the newest one is more than 26 hours old or cannot be unpacked.
#
# FROM is what rsync reads: `root@lijn.voorbeeld.nl:` with a key that may do nothing else, or a folder. On the line's
# machine (apt install rsync), in /root/.ssh/authorized_keys:
#   restrict,command="rrsync -ro /var/backups/balielijn" ssh-ed25519 …
# Type it once by hand: ssh asks whether the machine's key is the right one.
# So whoever breaks into the line's machine cannot reach these copies. Keep FOLDER on an encrypted disk: there are
# telephone numbers of contacts in them. Let cron or a timer run it once a day, and mail what it says.
set -euo pipefail
umask 077

from=${1:?"fetch-backups.sh FROM FOLDER [DAYS]"}
to=$(realpath -e "${2:?"fetch-backups.sh FROM FOLDER [DAYS]"}")
days=${3:-90}

# What is here already is never changed by the other machine, and what it no longer has stays here.
rsync --times --ignore-existing --include='balielijn-*.tar.gz' --exclude='*' --dirs "${from%/}/" "$to/"

newest=$(find "$to" -maxdepth 1 -name 'balielijn-*.tar.gz' -printf '%f\n' | sort | tail -n 1)
if [ -z "$newest" ]; then
    echo "There is no backup at $from. Look with: systemctl status balielijn-backup" >&2
    exit 1
fi
if ! tar -tzf "$to/$newest" > /dev/null 2>&1; then
    rm "$to/$newest" # so that it is fetched again
    echo "$newest could not be unpacked, and was removed here. Run this once more; if it stays so, make a new backup." >&2
    exit 1
fi
if [ -z "$(find "$to/$newest" -mmin -1560)" ]; then
    echo "The newest backup, $newest, is more than 26 hours old. Look with: systemctl status balielijn-backup" >&2
    exit 1
fi
find "$to" -maxdepth 1 -name 'balielijn-*.tar.gz' -mtime "+$days" -delete

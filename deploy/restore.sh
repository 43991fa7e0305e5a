#!/usr/bin/env bash
# restore.sh ARCHIVE: puts back what backup.sh kept, into an empty place: IVR_HOME without config/, prompts/,
# audio/ and versions, and a store (IVR_DATABASE_URL, or SQLite in IVR_STATE) that holds no table yet. Never over
# something else.
# Stop the line and the console first, and type it as the line's user: README.md in this folder says how. Erasures are in no backup: those of this machine still stand in IVR_STATE, and are kept.
set -euo pipefail
umask 077

# shellcheck source=deploy/store.sh
. "$(dirname "$(realpath "$0")")/store.sh"
archive=$(realpath -e "${1:?"restore.sh ARCHIVE"}")

for part in config prompts audio .versions/repository; do
    [ ! -e "$home/$part" ] || { echo "$home/$part is there already; move it away first" >&2; exit 1; }
done
work=$(mktemp -d "${TMPDIR:-/tmp}/balielijn.XXXXXX")
trap 'rm -rf "$work"' EXIT
tar -C "$work" -xzf "$archive"
restore_store "$work/store"
(umask 022; mkdir -p "$home") # who may enter a home that is there stays as it is
find "$work/home" -mindepth 1 -maxdepth 1 -exec cp -a -t "$home" {} +
echo "Restored. Look with \`ivr check\`, then start the line."

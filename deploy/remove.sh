#!/usr/bin/env bash
# remove.sh: takes the line off this machine: units, program, its part of nginx. What was kept stays: home, state,
# settings, backups, and the users that own them.
# remove.sh --data: those too, but for the users and a database in PostgreSQL. It asks first, and refuses while records at Twilio wait to be erased.
#
# Type it as root. Before it, at Twilio: let the numbers lead elsewhere, or callers hear an error. A text for that is in
# the home's fallback/. After it, at Twilio: TwiML Bins, keys and the list of calls are still there.
set -euo pipefail

# shellcheck source=deploy/site.sh
. "$(dirname "$(realpath "$0")")/site.sh"
data=("$root"/etc/balielijn "$root"/etc/balielijn-console "$root"/var/lib/balielijn "$root"/var/lib/balielijn-console
    "$root"/var/backups/balielijn)
[ ! -e "$home/config/line.yaml" ] || data+=("$(realpath "$home")") # nothing else is ever taken for a home
store=$(sed -n 's/^IVR_DATABASE_URL=//p' "$settings" 2> /dev/null | tail -n 1 || true)

case ${1:-} in
    "") ;;
    --data)
        waiting=$(asked "$app" erasures waiting)
        if [ "${waiting:-0}" != 0 ] || compgen -G "$root/var/lib/balielijn/spool/*.erasure" > /dev/null; then
            echo "Records at Twilio still wait to be erased. Let the line run until /health says that none does." >&2
            exit 1
        fi
        printf 'This is removed, and no copy of it is made:\n'
        printf '  %s\n' "${data[@]}"
        printf 'Type "remove" to go on: '
        read -r answer
        [ "$answer" = remove ] || { echo "Nothing was removed." >&2; exit 1; }
        ;;
    *)
        echo "remove.sh [--data]" >&2
        exit 2
        ;;
esac

for path in "$units"/balielijn*.timer "$units"/balielijn*.socket "$units"/balielijn*.service; do
    [ -e "$path" ] || continue
    unit=$(basename "$path")
    case $unit in *@.service) ;; *) systemctl disable --now "$unit" || true ;; esac
    rm "$path"
done
rm -rf "$units"/balielijn*.timer.d "$units"/balielijn*.socket.d "$units"/balielijn*.service.d
systemctl daemon-reload
for path in "$root"/etc/nginx/conf.d/balielijn.conf "$root"/etc/nginx/conf.d/balielijn-console.conf; do
    [ -e "$path" ] || continue
    rm "$path"
    systemctl reload nginx || true
done
rm -rf "$app" "$releases" "$root"/usr/local/bin/ivr

if [ "${1:-}" = --data ]; then
    rm -rf "${data[@]}"
    echo "Removed."
else
    echo "Removed. These remain:"
    printf '  %s\n' "${data[@]}"
fi
# Other machines may share it; and its address may hold a password, which is not printed.
if [ -n "$store" ]; then
    echo "The database in PostgreSQL stays: drop it there when no other machine uses it (DROP DATABASE)."
fi

#!/usr/bin/env bash
# What upgrade.sh and remove.sh share: where things are, and what the line says of itself. BALIELIJN_ROOT is a folder in
# which all of it is tried.
# shellcheck disable=SC2034  # the scripts that read this file use what it sets

root=${BALIELIJN_ROOT:-}
app=$root/opt/balielijn
releases=$app-releases
units=$root/etc/systemd/system
settings=$root/etc/balielijn/balielijn.env
user=${BALIELIJN_USER:-balielijn}
home=$(sed -n 's/^IVR_HOME=//p' "$settings" 2> /dev/null | tail -n 1 || true)

# asked VERSION NAME…: a value of /health, by the names that lead to it; nothing where the line does not answer.
asked() {
    local version=$1 address
    shift
    address=$(systemctl show --property=Listen --value balielijn.socket | sed -n 's/ (Stream).*//p' | head -n 1)
    "$version/.venv/bin/python" - "http://${address:-127.0.0.1:8000}/health" "$@" <<'PYTHON' || true
import json, sys, urllib.error, urllib.request
try:
    answer = urllib.request.urlopen(sys.argv[1], timeout=5)
except urllib.error.HTTPError as error:  # 503 has the same body
    answer = error
except OSError:
    sys.exit()
try:
    found = json.load(answer)
    for name in sys.argv[2:]:
        found = found[name]
    print(found)
except (ValueError, LookupError, TypeError):
    pass
PYTHON
}

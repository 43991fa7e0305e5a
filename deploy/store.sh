#!/usr/bin/env bash
# What backup.sh and restore.sh share: where things are, and the store, which is SQLite or PostgreSQL.
# Not kept whole: `erasures` not at all, `anonymous_counts` without the running month, and nothing of the console's
# tables that let somebody in or tell who tried: `links`, `sessions`, `handshakes`, `attempts`.
# shellcheck disable=SC2034  # the scripts that read this file use what it sets

here=$(dirname "$(realpath "${BASH_SOURCE[0]}")")
home=$(realpath -m "${IVR_HOME:?"set IVR_HOME"}")
state=$(realpath -m "${IVR_STATE:-$home/state}")
url=${IVR_DATABASE_URL:-}
case $url in sqlite:*) echo "IVR_DATABASE_URL: only PostgreSQL; SQLite stands in IVR_STATE" >&2; exit 1 ;; esac
python=$here/../.venv/bin/python
[ -x "$python" ] || python=python3

# A PostgreSQL program on the store. A password does not stand on its command line, where others could read it.
pg() {
    "$python" -c '
import os, sys
from sqlalchemy import make_url
url = make_url(os.environ["IVR_DATABASE_URL"])
told = {"PGHOST": url.host, "PGPORT": url.port, "PGUSER": url.username, "PGPASSWORD": url.password,
        "PGDATABASE": url.database, "PGSSLMODE": url.query.get("sslmode"), "PGSSLROOTCERT": url.query.get("sslrootcert")}
os.execvpe(sys.argv[1], sys.argv[1:], os.environ | {name: str(value) for name, value in told.items() if value})
' "$@"
}

save_store() {
    if [ -n "$url" ]; then
        pg pg_dump --format=custom --no-owner --no-privileges --file="$1/store.pgdump" \
            --exclude-table-data=erasures --exclude-table-data=anonymous_counts --exclude-table-data=links \
            --exclude-table-data=sessions --exclude-table-data=handshakes --exclude-table-data=attempts
        pg psql -qX -v ON_ERROR_STOP=1 -c \
            "\\copy (SELECT * FROM anonymous_counts WHERE month < date_trunc('month', now())) TO '$1/anonymous.copy'"
    elif [ -e "$state/balielijn.db" ]; then
        "$python" - "$state/balielijn.db" "$1/balielijn.db" <<'PYTHON'
import sqlite3, sys
here, there = sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True), sqlite3.connect(":memory:")
here.backup(there)  # while the line writes; into memory, so that no erasure ever comes near the backup's disk
with there:
    made = {name for (name,) in there.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    for table in {"erasures", "links", "sessions", "handshakes", "attempts"} & made:
        there.execute(f"DELETE FROM {table}")
    there.execute("DELETE FROM anonymous_counts WHERE month >= date('now', 'start of month')")
there.execute("VACUUM INTO ?", (sys.argv[2],))
PYTHON
    fi
}

restore_store() {
    if [ -n "$url" ]; then
        [ -e "$1/store.pgdump" ] || { echo "the archive holds no PostgreSQL store" >&2; exit 1; }
        # All or nothing; where a table is there already, nothing.
        pg pg_restore --single-transaction --exit-on-error --no-owner --no-privileges --dbname="" "$1/store.pgdump"
        pg psql -qX -v ON_ERROR_STOP=1 -c "\\copy anonymous_counts FROM '$1/anonymous.copy'"
    elif [ -e "$1/balielijn.db" ]; then
        [ ! -e "$state/balielijn.db" ] || { echo "$state/balielijn.db is there already" >&2; exit 1; }
        mkdir -p "$state"
        cp "$1/balielijn.db" "$state/balielijn.db"
    fi
}

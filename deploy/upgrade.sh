#!/usr/bin/env bash
# upgrade.sh [VERSION]: a newer version of the line, built and examined beside the one that runs. VERSION is a tag or a
# commit; by default the newest. Where anything fails the old version runs on, and the home is as it was.
# upgrade.sh --back: the version before, with the units and texts that it had.
#
# Type it as root. It needs the network for git and pip. From the first upgrade on, /opt/balielijn is a link to a folder
# in /opt/balielijn-releases, where the version before stays as well.
#
# - Texts and menu of the home: what the new version says differently is brought over, and what you changed stays yours.
#   All of it is examined with the new `ivr check`, on a copy, before anything is touched.
# - Speech of new texts is built first, with the engine that built the rest. (Not with piper: that needs a voice.)
# - Units that you did not edit are replaced; those that you did are left, and named. Drop-ins (systemctl edit) stay.
# - The database: a migration only adds, so that the version before can use what the next one made.
# - Callers notice nothing: the socket stays open, and whoever asks during the restart is answered a second later. A
#   practice line hangs up the calls that are going on. On a computer that has only it, it need not answer but run.
set -euo pipefail
umask 022

# shellcheck source=deploy/site.sh
. "$(dirname "$(realpath "$0")")/site.sh"
patience=${BALIELIJN_PATIENCE:-60} # seconds for the line to answer after a restart
home=$(realpath -e "${home:?"IVR_HOME is not in $settings"}")

say() { printf '%s\n' "$*"; }
as_line() { runuser -u "$user" -- "$@"; }
# A practice line alone (docs/telephony.md) says nothing of itself: it is well where it runs.
health() {
    if [ -e "$units/balielijn.service" ]; then
        asked "$1" status
    elif systemctl is-active --quiet balielijn-telephone.service; then
        echo ok
    fi
}

# Which of the optional parts ([piper], [telephone]) a version has, as pip writes them behind a name.
extras() {
    "$1/.venv/bin/python" - <<'PYTHON'
import re
from importlib.metadata import PackageNotFoundError, requires, version
parts = {}
for wanted in requires("balielijn") or ():
    if found := re.match(r"([\w.-]+).*extra == ['\"](\w+)['\"]", wanted):
        parts.setdefault(found[2], []).append(found[1])
def there(name):
    try:
        return bool(version(name))
    except PackageNotFoundError:
        return False
kept = [part for part, names in parts.items() if part not in {"dev", "fuzz"} and all(map(there, names))]
print(f"[{','.join(sorted(kept))}]" if kept else "")
PYTHON
}

# Replace a file and keep its owner, permissions and access control list.
put() {
    if [ -e "$2" ]; then
        cp -a --attributes-only "$2" "$2.new"
    fi
    cat "$1" > "$2.new"
    mv "$2.new" "$2"
}

each_unit() { find "$1/deploy" -maxdepth 1 -type f \( -name '*.service' -o -name '*.socket' -o -name '*.timer' \) -printf '%f\n' | sort; }

# install_units FROM TO: the units of TO take the place of those of FROM, but for those that somebody edited.
install_units() {
    local unit
    for unit in $(each_unit "$2"); do
        if [ ! -e "$units/$unit" ]; then
            # One that was taken away on purpose does not come back.
            [ -e "$1/deploy/$unit" ] || { cp "$2/deploy/$unit" "$units/$unit"; say "New, and not started: $unit"; }
        elif cmp -s "$units/$unit" "$1/deploy/$unit"; then
            cp "$2/deploy/$unit" "$units/$unit"
        elif ! cmp -s "$units/$unit" "$2/deploy/$unit"; then
            say "Left as it is, because it was edited here: $units/$unit. Compare it with $2/deploy/$unit."
        fi
    done
    for unit in $(each_unit "$1"); do
        if [ ! -e "$2/deploy/$unit" ] && cmp -s "$units/$unit" "$1/deploy/$unit"; then
            systemctl disable --now "$unit" || true
            rm "$units/$unit"
        fi
    done
    systemctl daemon-reload
}

# The link to a version, replaced in one step.
point_to() {
    ln -sfn "$1" "$app.link"
    mv -T "$app.link" "$app"
}

# texts_back FOLDER: the files of the home that an upgrade wrote are as before again, unless changed since.
texts_back() {
    local file
    [ -d "$1/after" ] || return 0
    while IFS= read -r file; do
        if cmp -s "$home/$file" "$1/after/$file"; then
            put "$1/before/$file" "$home/$file"
        else
            say "Left as it is, because it was changed since: $home/$file"
        fi
    done < <(cd "$1/after" && find . -type f -printf '%P\n')
}

restart() {
    local unit
    if [ -e "$units/balielijn.service" ]; then
        systemctl restart balielijn.service
    fi
    for unit in balielijn-console.service balielijn-telephone.service; do
        if systemctl is-active --quiet "$unit"; then
            systemctl restart "$unit"
        fi
    done
    # systemd takes a practice line for started before it listens: it gets the time to fail.
    if [ ! -e "$units/balielijn.service" ]; then
        sleep "$((patience / 6))"
    fi
}

# answers VERSION WANTED: whether the line is well within its time; WANTED: how it was before.
answers() {
    local until=$((SECONDS + patience)) now
    while [ "$SECONDS" -lt "$until" ]; do
        now=$(health "$1")
        if [ "$now" = ok ] || { [ -n "$now" ] && [ "$now" = "$2" ]; }; then
            return 0
        fi
        sleep 1
    done
    return 1
}

# forward OLD NEW WAS: texts, link, units, restart. Fails where the line does not answer as well as it did.
forward() {
    local file
    for file in ${changed[@]+"${changed[@]}"}; do
        put "$work/home/$file" "$home/$file" || return 1
    done
    point_to "$2" && install_units "$1" "$2" && restart && answers "$2" "$3"
}

# back CURRENT PREVIOUS: undoes it.
back() {
    local current=$1 previous=$2
    point_to "$previous"
    texts_back "$releases/texts-$(basename "$current")"
    install_units "$current" "$previous"
    restart
}

mkdir -p "$releases"
exec {alone}<"$releases"
flock -n "$alone" || { say "Another upgrade is at work." >&2; exit 1; }
current=$(realpath -e "$app")

if [ "${1:-}" = --back ]; then
    previous=$(cat "$releases/previous" 2>/dev/null || true)
    [ -d "${previous:-/none}" ] || { say "There is no version before this one." >&2; exit 1; }
    was=$(health "$current")
    back "$current" "$previous"
    printf '%s\n' "$current" > "$releases/previous"
    answers "$previous" "$was" || { say "The line does not answer: see journalctl -u balielijn" >&2; exit 1; }
    say "Back at $(git -C "$previous" describe --always --tags)."
    exit 0
fi

# 1. The new version, beside the old one.
work=$(mktemp -d)
new=
trap 'rm -rf "$work" ${new:+"$new"}' EXIT
url=$(git -C "$current" remote get-url origin)
git -C "$current" fetch --quiet --tags origin
commit=$(git -C "$current" rev-parse --verify --quiet "${1:-origin/HEAD}^{commit}") \
    || { say "There is no version ${1:-origin/HEAD}." >&2; exit 1; }
if [ "$commit" = "$(git -C "$current" rev-parse HEAD)" ]; then
    say "That version runs already."
    exit 0
fi
new=$releases/$(git -C "$current" rev-parse --short=12 "$commit")
rm -rf "$new"
parts=$(extras "$current")
git clone --quiet --no-checkout --reference "$current" --dissociate "$url" "$new"
git -C "$new" checkout --quiet --detach "$commit"
python3 -m venv "$new/.venv"
(cd "$new" && .venv/bin/pip install --quiet --disable-pip-version-check -c constraints.txt ".$parts")

# 2. The home as it would be, on a copy: examined with the new version.
mkdir "$work/home"
cp -a "$home/config" "$home/prompts" "$work/home/"
ln -s "$home/audio" "$work/home/audio"
changed=()
for file in config/menu.yaml prompts/nl.yaml prompts/en.yaml; do
    if cmp -s "$current/$file" "$new/$file" || [ ! -e "$home/$file" ]; then
        continue
    fi
    git merge-file -q "$work/home/$file" "$current/$file" "$new/$file" || {
        cp "$home/$file" "$work/home/$file"
        git merge-file -q --ours "$work/home/$file" "$current/$file" "$new/$file" || true
        say "You and the new version changed the same lines: yours stay. Compare $home/$file with $new/$file."
    }
    cmp -s "$home/$file" "$work/home/$file" || changed+=("$file")
done
for file in "$new"/config/schema/*.json; do
    file=config/schema/$(basename "$file")
    if [ -d "$home/config/schema" ] && ! cmp -s "$home/$file" "$new/$file"; then
        cp "$new/$file" "$work/home/$file"
        changed+=("$file")
    fi
done
chown -R "$user:" "$work"
chmod 755 "$work"
if ! as_line "$new/.venv/bin/ivr" --home "$work/home" check; then
    say "The new version finds an error in $home. Nothing was changed, and the old version runs on." >&2
    exit 1
fi
for engine in gtts espeak; do
    if compgen -G "$home/audio/built/*/*-$engine-*.wav" > /dev/null; then
        as_line "$new/.venv/bin/ivr" --home "$work/home" audio build --engine "$engine" \
            || say "Not all speech was built; Twilio reads out what is missing. Try later: ivr audio build"
        break
    fi
done
if [ -d "$home/fallback" ]; then
    as_line "$new/.venv/bin/ivr" --home "$work/home" fallback --output "$work/fallback" > /dev/null
fi
if [ -e "$units/balielijn-backup.service" ]; then
    systemctl start balielijn-backup.service
fi

# 3. The change: texts, link, units, restart. What fails from here on is undone.
was=$(health "$current")
kept=$releases/texts-$(basename "$new")
rm -rf "$kept"
mkdir "$kept"
for file in ${changed[@]+"${changed[@]}"}; do
    mkdir -p "$kept/before/$(dirname "$file")" "$kept/after/$(dirname "$file")"
    cp "$home/$file" "$kept/before/$file" 2>/dev/null || cp "$work/home/$file" "$kept/before/$file"
    cp "$work/home/$file" "$kept/after/$file"
done
if [ ! -L "$app" ]; then
    old=$releases/$(git -C "$current" rev-parse --short=12 HEAD)
    mv -T "$app" "$old"
    current=$old
    ln -s "$current" "$app"
fi
built=$new
new= # it stays
if ! forward "$current" "$built" "$was"; then
    say "The new version does not answer: the old one comes back. See journalctl -u balielijn" >&2
    back "$built" "$current"
    rm -rf "$built"
    exit 1
fi
printf '%s\n' "$current" > "$releases/previous"

# 4. What is left to do by hand, and what is not needed any more.
if [ -d "$work/fallback" ]; then
    for file in "$work"/fallback/*.xml; do
        name=$(basename "$file")
        if ! cmp -s "$file" "$home/fallback/$name"; then
            as_line cp "$file" "$home/fallback/$name"
            say "Put this text into its TwiML Bin at Twilio again: $home/fallback/$name"
        fi
    done
fi
find "$releases" -mindepth 1 -maxdepth 1 -type d \
    ! -path "$built" ! -path "$current" ! -path "$kept" -exec rm -rf {} +
say "Now at $(git -C "$built" describe --always --tags). Look with: ivr doctor. The way back: $app/deploy/upgrade.sh --back"

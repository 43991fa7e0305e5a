"""`ivr history`: the versions of the files."""

import json
from difflib import unified_diff
from zoneinfo import ZoneInfo

import click

from ivr.cli.common import Context, in_context
from ivr.cli.versioned import slug_or_exit, usable, version_or_exit, zone_of
from ivr.config.versions import Kind, Version, Versions
from ivr.model.files import slug_of

_SHORT = 8
"""Characters of a version's id that are shown."""
_FILES = 4
"""Files of a version that are named in its row."""
_COLOURS = {"+": "green", "-": "red", "@": "cyan"}


@click.command()
@click.argument("municipality", required=False)
@click.option("--diff", "ident")
@click.option("--most", type=click.IntRange(1))
@click.option("--json", "as_json", is_flag=True)
@in_context
def history(
    context: Context, municipality: str | None, ident: str | None, most: int | None, as_json: bool
) -> None:
    """Tell who changed what in the files, and when."""
    versions, zone = Versions(context.home), zone_of(context)
    with usable(context):
        slug = slug_or_exit(context, versions, municipality) if municipality else None
        if ident is not None:
            version = version_or_exit(context, versions, ident, "--diff")
            for change in versions.changes(version, slug):
                print_difference(change.file, change.before, change.since)
            return
        found, behind = versions.listed(slug, most=most), versions.behind()
    if as_json:
        click.echo(json.dumps([_as_dict(each, zone) for each in found], indent=2, ensure_ascii=False))
        return
    for version in found:
        click.echo(row(context, version, zone))
    if not found:
        click.echo(context.say("history-none"))
    elif behind:
        click.echo(context.say("history-behind"), err=True)


def row(context: Context, version: Version, zone: ZoneInfo) -> str:
    """Return a version on one line: id, moment, who, and what."""
    kind = context.say(f"version-{version.kind}")
    who = version.author or kind
    parts = [version.id[:_SHORT], version.moment.astimezone(zone).strftime(context.say("day")), who]
    if version.restored:
        parts.append(context.say("version-restored", id=version.restored[:_SHORT]))
    elif version.author and version.kind is not Kind.CONSOLE:
        parts.append(kind)
    if version.reason:
        parts.append(version.reason)
    parts.append(context.say("version-first") if version.first else _touched(version))
    return "  ".join(parts)


def print_difference(file: str, before: str | None, since: str | None) -> None:
    """Print the difference of a file, line by line."""
    lines = unified_diff(
        (before or "").splitlines(), (since or "").splitlines(), file, file, lineterm="", n=2
    )
    for line in lines:
        # A file may hold bytes that are no text.
        click.secho(line.encode(errors="backslashreplace").decode(), fg=_COLOURS.get(line[:1]))


def _touched(version: Version) -> str:
    names = [slug_of(file) or file for file in version.files]
    return ", ".join(names[:_FILES]) + (f", … ({len(names)})" if len(names) > _FILES else "")


def _as_dict(version: Version, zone: ZoneInfo) -> dict[str, object]:
    return {
        "id": version.id,
        "moment": version.moment.astimezone(zone).isoformat(timespec="seconds"),
        "author": version.author,
        "kind": version.kind.value,
        "reason": version.reason,
        "restored": version.restored,
        "files": version.files,
    }

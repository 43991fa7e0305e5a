"""Numbers that cost extra to ring: a coordinator cannot put one on the line, a manager can.

Whoever gets hold of a coordinator's account could otherwise have the municipality ring a number of his own
that pays him for each minute. The contacts themselves decide it, not the findings of a reading: of very many
some are left out, and while another file has an error the line as a whole is not checked.
"""

from dataclasses import replace

from ivr.checks.municipalities import costly_numbers
from ivr.console.findings import ShownFinding
from ivr.console.words import say
from ivr.model.findings import Finding
from ivr.model.municipality import Municipality


def new_costly(slug: str, before: Municipality | None, after: Municipality) -> list[Finding]:
    """Return the findings of numbers that cost extra and are not contacts already."""
    known = {each.number for each in before.contacts} if before else set()
    found = costly_numbers(slug, after)
    return [each for each in found if after.contacts[int(each.path[1])].number not in known]


def refused(finding: ShownFinding) -> ShownFinding:
    """Return a finding that keeps a change from being published, and who can publish it."""
    return replace(finding, is_error=True, remedy=say("edit.costly"))

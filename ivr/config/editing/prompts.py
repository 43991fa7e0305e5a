"""Changes one text in prompts/<language>.yaml, as somebody would by hand."""

from ivr.config.editing.entries import parsed
from ivr.config.editing.layout import Layout, Unwritable, quote_of, spliced
from ivr.config.editing.scalars import scalar

_BOM = "\ufeff"


def with_prompt(text: str, prompt: str, words: str) -> str:
    """Return the text of a file with other words for one prompt. Raises Unwritable.

    The result is parsed: that prompt has exactly these words, and all others are as they were.
    """
    mark = _BOM if text.startswith(_BOM) else ""
    body = text.removeprefix(_BOM)
    before = parsed(body)
    layout = Layout(body)
    setting = layout.settings(layout.root).get(prompt)
    if setting is None or not isinstance(before, dict):
        raise Unwritable
    written = scalar(words, quote_of(setting.value), inline=bool(layout.root.flow_style))
    after = spliced(body, [layout.replacing(setting, written)])
    if parsed(after) != {**before, prompt: words}:
        raise Unwritable
    return mark + after

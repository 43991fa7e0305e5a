"""The forms of a page, filled in and sent as a browser without JavaScript does."""

import re
from html.parser import HTMLParser


class Form(HTMLParser):
    """A form of a page: that with an id, else the last one."""

    def __init__(self, page, ident=None):
        super().__init__(convert_charrefs=True)
        self.action, self.fields = None, {}
        """What the form sends, and where to. A button adds itself."""
        self.buttons = {}
        """Text of a button → its attributes, for each button with this text."""
        self.labels = {}
        """Text of a label → ids of the fields."""
        self.described = {}
        """Id of a field → its attributes."""
        self.found = False
        self._wanted, self._inside = ident, False
        self._text, self._cut, self._open = "", None, {}
        self.feed(page)
        assert self.found, "the page has no such form"

    def handle_starttag(self, tag, attributes):
        own = dict(attributes)
        if tag == "form" and self._wanted in {None, own.get("id")}:
            self._inside = self.found = True
            self.action, self.fields, self.buttons, self.labels = own.get("action"), {}, {}, {}
        if self._inside:
            if tag in {"textarea", "label", "button", "select"}:
                self._text, self._cut, self._open[tag] = "", None, own
            if tag == "span":  # in a button: a word more for who does not see where the button is
                self._cut = self._text
            if tag in {"input", "textarea", "select"} and "id" in own:
                self.described[own["id"]] = own
            if tag == "input" and (own.get("type") != "checkbox" or "checked" in own):
                self.fields[own["name"]] = own.get("value", "")
            if tag == "option" and ("selected" in own or self._open["select"]["name"] not in self.fields):
                self.fields[self._open["select"]["name"]] = own.get("value", "")

    def handle_endtag(self, tag):
        if tag == "form":
            self._inside = False
        if not self._inside or tag not in {"textarea", "label", "button"}:
            return
        own, text = self._open.pop(tag), self._text
        if tag == "textarea":
            # A browser drops the first line ending, and sends CRLF.
            self.fields[own["name"]] = text.removeprefix("\n").replace("\n", "\r\n")
        elif tag == "label":
            self.labels.setdefault(text.strip(), []).append(own["for"])
        elif "hidden" not in own:
            self.buttons.setdefault((self._cut or text).strip(), []).append(own)

    def handle_data(self, data):
        self._text += data


def press(browser, page, button, typed=None, *, unticked=(), ident="form", place=0, at=None):
    """Fill in a form and press a button of it; return the answer after its redirect.

    `typed`: id of a field → what is typed. `place`: of the button, among those with its text. `at`: the URL
    of the page, where its form names none.
    """
    form = Form(page, ident)
    assert button in form.buttons, (button, list(form.buttons))
    pressed = form.buttons[button][place]
    data = {**form.fields, **(typed or {}), pressed.get("name", "pressed"): pressed.get("value", "")}
    sent = {name: value for name, value in data.items() if name not in unticked}
    url = (pressed.get("formaction") or form.action or at).partition("#")[0]
    return browser.post(url, sent, follow_redirects=True)


def text_of(page):
    """What a person reads."""
    return " ".join(re.sub(r"<[^>]*>", " ", page).split())

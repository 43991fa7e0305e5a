"""Callers and far ends that do anything."""

from hypothesis import strategies as st

from ivr.exchange.people import OUTCOMES, rung

scripts = st.text(st.sampled_from("0123456789*#-h"), max_size=12)


outcomes = st.lists(st.sampled_from(OUTCOMES), max_size=12)


class AnyFarEnd:
    def __init__(self, several):
        self._several = iter(several)

    def rings(self, endpoint, seconds, shown):
        return rung(next(self._several, "no-answer"))

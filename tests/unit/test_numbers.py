"""Telephone numbers and SIP addresses."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import PydanticCustomError

from ivr.model import numbers, spoken
from ivr.model.limits import ENDPOINT_CHARACTERS


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("020-760 08 09", "+31207600809"),
        ("0900-8844", "+319008844"),
        ("+31 34 357 88 44", "+31343578844"),
        ("0800-7000", "+318007000"),
        ("(020) 000 00 01", "+31200000001"),
        ("0031 20 000 00 01", "+31200000001"),
        (
            "sip:Balie@Voorbeeldstad.sip.twilio.com:5060;transport=tls",
            "sip:balie@voorbeeldstad.sip.twilio.com",
        ),
    ],
)
def test_a_number_is_read_as_people_write_it(written, address):
    assert numbers.read_endpoint(written) == address


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("112", "number-emergency"),
        ("0112", "number-emergency"),
        ("+31 112", "number-emergency"),
        ("116000", "number-short"),
        ("116 117", "number-short"),
        ("144", "number-short"),
        ("14020", "number-short"),
        ("066-123 45 67", "number-pager"),
        ("911", "number-emergency"),
        ("020-76008091", "number-invalid"),
        ("020-760 08", "number-invalid"),
        ("0800-FLOWERS", "number-unreadable"),
        ("020 760 0809 tst. 3", "number-extension"),
        ("sip:nobody", "sip-unreadable"),
    ],
)
def test_what_must_not_be_dialled_is_refused(written, code):
    with pytest.raises(PydanticCustomError) as refused:
        numbers.read_endpoint(written)
    assert refused.value.type == code


@given(st.text())
def test_any_text_is_an_address_or_refused(text):
    try:
        address = numbers.read_endpoint(text)
    except PydanticCustomError:
        return
    assert address.startswith(("+", "sip:"))
    assert numbers.read_endpoint(address) == address


DOMAIN = "voorbeeldstad.sip.twilio.com"


@pytest.mark.parametrize(
    ("pattern", "caller", "fits"),
    [
        ("+31 20 000 *", "+31200000199", True),
        ("020 000 *", "+31200000199", True),
        ("0031 20 000 *", "+31200000199", True),
        ("+31 20 000 *", "+31201000199", False),
        ("+31 20 000 *", "anonymous", False),
        ("+31 20 000 *", "+31200001234@evil", False),
        ("+31 20 000 *", "+31200001234;x", False),
        ("+31 20 000 *", "+3120000\u0661\u0662\u0663\u0664", False),
        ("+31 20 000 *", "sip:+31200001234@evil.com", False),
        ("+31 20 000 00 01", "+31200000001", True),
        ("+31 20 000 00 01", "+312000000012", False),
        (f"sip:*@{DOMAIN}", f"sip:Balie2@{DOMAIN}:5061", True),
        (f"sip:*@{DOMAIN}", f"sip:balie2@{DOMAIN}.;transport=tls", True),
        (f"sip:*@{DOMAIN}", "sip:balie2@voorbeeldstad.sip.dublin.ie1.twilio.com", True),
        ("sip:*@voorbeeldstad.sip.ie1.twilio.com", f"sip:balie2@{DOMAIN}", True),
        (f"sip:balie*@{DOMAIN}", f"sip:%62alie2@{DOMAIN}", True),
        (f"sip:balie*@{DOMAIN}", f"sip:wijk@{DOMAIN}", False),
        (f"sip:*@{DOMAIN}", "sip:balie2@elders.sip.twilio.com", False),
        (f"sip:*@{DOMAIN}", f"sip:evil@evil.com@{DOMAIN}", False),
        (f"sip:*@{DOMAIN}", f"sip:a@evil.com?x=@{DOMAIN}", False),
        (f"sip:*@{DOMAIN}", f"sip:a@evil.com;x=@{DOMAIN}", False),
        (f"sip:*@{DOMAIN}", f"sip:a@evil.com%40{DOMAIN}", False),
    ],
)
def test_a_pattern_fits_the_callers_it_names(pattern, caller, fits):
    assert numbers.matches(numbers.tidy(caller), numbers.read_pattern(pattern)) is fits


@pytest.mark.parametrize(
    "pattern",
    ["*", "+*", "+31", "sip:*", "sip:*@*", f"sip:*@*.{DOMAIN}", "sip:*@", f"sip:*@*@{DOMAIN}", "+31 20 * 00"],
)
def test_a_pattern_that_would_let_anybody_in_is_refused(pattern):
    with pytest.raises(PydanticCustomError, match=r"^[a-z-]+$"):
        numbers.read_pattern(pattern)


@pytest.mark.parametrize(
    "spelt",
    [
        f"sip:meldlijn@{DOMAIN}",
        f"SIP:Meldlijn@{DOMAIN.upper()}",
        f"sip:meldlijn@{DOMAIN}.",
        f"sip:meldlijn@{DOMAIN}:5061",
        f"sip:meldlijn@{DOMAIN}.:5061;transport=tls;x=?",
        "sip:meldlijn@voorbeeldstad.sip.ie1.twilio.com",
        "sip:meldlijn@voorbeeldstad.sip.dublin.ie1.twilio.com.",
        f"sip:%6deldlijn@{DOMAIN}",
        f"sip:%4Deldlij%6E@{DOMAIN}",
    ],
)
def test_one_sip_address_has_one_form_however_it_is_spelt(spelt):
    assert numbers.tidy(spelt) == f"sip:meldlijn@{DOMAIN}"
    assert numbers.reached(numbers.read_endpoint(spelt)) == (f"sip:meldlijn@{DOMAIN}",)


def test_what_is_dialled_keeps_the_edge_and_region_by_which_it_is_reached():
    assert numbers.read_endpoint("sip:a@x.sip.dublin.ie1.twilio.com.") == "sip:a@x.sip.dublin.ie1.twilio.com"


@pytest.mark.parametrize(
    "user", ["+31200000001", "31200000001", "0200000001", "0031200000001", "%2B31200000001"]
)
def test_a_sip_address_may_reach_the_number_that_its_user_is(user):
    assert "+31200000001" in numbers.reached(numbers.read_endpoint(f"sip:{user}@carrier.example"))


@pytest.mark.parametrize(
    "odd",
    [
        "sip:piket@kantoor.nl" + ";" * 24 + "\n",
        "sip:piket@kantoor.nl" + ";" * 60_000 + "\n;",
        "sip:a@b@c",
        "sip:a@b?x=y",
        "sip:a b@c",
        "sip:a@b\n",
        "sip:a@b;\n",
        "sip:a@b;é",
        "sip:\u212aantoor@b",
        "sip:a@b..c",
        "sip:a@.b",
        "sip:a@",
        "sip:@b",
        "sip:%@b",
        "sip:%4@b",
        "sip:a:secret@b",
        "<sip:a@b>",
        "sip:a@" + "b" * ENDPOINT_CHARACTERS,
        "+31\n",
        "+" + "1" * 16,
        "anonymous",
        "",
    ],
)
def test_what_is_no_address_is_none(odd):
    assert numbers.tidy(odd) == ""


address_like = st.one_of(
    st.text(),
    st.text("sip:@.;?%*+~abAB019 \n<>", max_size=40),
    st.from_regex(r"sip:[a-z%0-9@;.]{1,20}@[a-z.]{1,10}(:[0-9]{1,3})?(;[a-z;=]{0,9})?", fullmatch=True),
)


@given(address_like)
def test_any_text_has_one_form_or_none_and_keeps_it(text):
    form = numbers.tidy(text)
    assert numbers.tidy(form) == form
    assert form == "" or form.count("@") == form.startswith("sip:")


@given(address_like)
def test_every_address_that_is_read_has_a_form_to_be_compared_by(text):
    try:
        address = numbers.read_endpoint(text)
    except PydanticCustomError:
        return
    assert numbers.tidy(address)
    assert numbers.tidy(address) in numbers.reached(address)


@given(address_like, address_like)
def test_a_star_never_reaches_over_the_at_sign(caller, pattern):
    try:
        pattern = numbers.read_pattern(pattern)
    except PydanticCustomError:
        return
    address = numbers.tidy(caller)
    if numbers.matches(address, pattern):
        assert address.partition("@")[2] == pattern.partition("@")[2]


def test_a_number_is_spoken_digit_by_digit_with_pauses():
    assert spoken.digits("+319008844", "nl") == "nul, negen, nul, nul … acht, acht, vier, vier"
    assert spoken.digits("+318007000", "en") == "zero, eight, zero, zero … seven, zero, zero, zero"

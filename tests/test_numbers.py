"""Telephone numbers and SIP addresses."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import PydanticCustomError

from ivr import ear, numbers


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
    assert numbers.read_address(written) == address


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
        ("911", "number-emergency"),
        ("020-76008091", "number-invalid"),
        ("020-760 08", "number-invalid"),
        ("0800-FLOWERS", "number-unreadable"),
        ("020 760 0809 tst. 3", "number-unreadable"),
        ("sip:nobody", "sip-unreadable"),
    ],
)
def test_what_must_not_be_dialled_is_refused(written, code):
    with pytest.raises(PydanticCustomError) as refused:
        numbers.read_address(written)
    assert refused.value.type == code


@given(st.text())
def test_any_text_is_an_address_or_refused(text):
    try:
        address = numbers.read_address(text)
    except PydanticCustomError:
        return
    assert address.startswith(("+", "sip:"))
    assert numbers.read_address(address) == address


@pytest.mark.parametrize(
    ("pattern", "caller", "fits"),
    [
        ("+31 20 000 *", "+31200000199", True),
        ("020 000 *", "+31200000199", True),
        ("+31 20 000 *", "+31201000199", False),
        ("+31 20 000 *", "anonymous", False),
        ("+31 20 000 00 01", "+31200000001", True),
        ("sip:*@voorbeeldstad.sip.twilio.com", "sip:Balie2@voorbeeldstad.sip.twilio.com:5061", True),
        ("sip:*@voorbeeldstad.sip.twilio.com", "sip:balie2@elders.sip.twilio.com", False),
    ],
)
def test_a_pattern_fits_the_callers_it_names(pattern, caller, fits):
    assert numbers.matches(numbers.tidy(caller), numbers.read_pattern(pattern)) is fits


def test_a_number_is_spoken_digit_by_digit_with_pauses():
    assert ear.digits("+319008844", "nl") == "nul, negen, nul, nul … acht, acht, vier, vier"
    assert ear.digits("+318007000", "en") == "zero, eight, zero, zero … seven, zero, zero, zero"

"""All spellings of one identifier are one value, and what cannot be one says so."""

import time

import email_validator
import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.errors import BadInput, InvalidIdentifier
from app.domain.identifiers import TYPES, Identifier, identifier
from app.domain.normalise import Malformed, Unlinkable, email, is_clean, is_region, opaque, phone, whatsapp, with_few_marks

SPECIAL_USE = tuple(email_validator.SPECIAL_USE_DOMAIN_NAMES)
COUNTRIES = st.sampled_from(["US", "GB", "DE", "JP", "MX", "IT", "ZZ"])
NUMBERISH = st.text(alphabet="0123456789+-() .x/\u0663\uff17ext#*;,", min_size=1, max_size=24)


@pytest.mark.parametrize(
    ("text", "country", "digits"),
    [
        ("+1-555-0123", "US", "15550123"),
        ("+1-555-0123", "GB", "15550123"),
        ("+15550123", "US", "15550123"),
        ("15550123", "US", "15550123"),
        ("whatsapp:+15550123", "US", "15550123"),
        ("tel:+44-7700-900456", "US", "447700900456"),
        ("07700 900456", "GB", "447700900456"),
        ("+447700900456", "US", "447700900456"),
        ("00447700900456", "US", "447700900456"),
        ("(0044) 7700 900456", "US", "447700900456"),
        ("+44 (0)7700 900456", "US", "447700900456"),
        ("+44 7700 900456 ext. 5", "GB", "447700900456"),
        ("Tel. 020 7946 0018", "GB", "442079460018"),
        ("Tel02079460018", "GB", "442079460018"),
        ("+44 7700 900456 (mobile)", "US", "447700900456"),
        ("(202) 555-0123 (work)", "US", "12025550123"),
        ("mob07700900456", "GB", "447700900456"),
        ("Phone: 020 7946 0018", "GB", "442079460018"),
        ("+1-555-0123 ext 5", "US", "15550123"),
        ("+1-555-0123x567", "US", "15550123"),
        ("tel:+1-555-0123;ext=12", "US", "15550123"),
        ("+1-555-0123 # 4", "US", "15550123"),
        ("090-0000-0123", "JP", "819000000123"),
        ("(202) 555-0123", "US", "12025550123"),
        ("٠٧٧٠٠٩٠٠٤٥٦", "GB", "447700900456"),
        ("٠٠٤٤٧٧٠٠٩٠٠٤٥٦", "US", "447700900456"),
        ("００４４ ７７００ ９００４５６", "US", "447700900456"),  # noqa: RUF001
        ("＋４４７７００９００４５６", "US", "447700900456"),  # noqa: RUF001
        ("12025550123.0", "US", "12025550123"),
        ("+447700900456.00", "US", "447700900456"),
        ("202.555.0123", "US", "12025550123"),
        ("+999123456789", "US", "999123456789"),
        ("020 7946 0018", "ZZ", "02079460018"),
        ("0000000", "US", "0000000"),
        ("111-1111", "US", "1111111"),
    ],
)
def test_phone_spellings(text: str, country: str, digits: str) -> None:
    assert phone(text, country) == digits
    assert whatsapp(text, country) == f"+{digits}"


@pytest.mark.parametrize(
    "text",
    [
        "555-0123",
        "5550123",
        "900456",
        "12345",
        "123",
        "null",
        "N/A",
        "unknown",
        "1-800-FLOWERS",
        "07700 900456 / 07700 900457",
        "+1234567890123456",
    ],
)
def test_phone_that_names_nobody_in_particular(text: str) -> None:
    with pytest.raises(Unlinkable):
        phone(text, "US")


@pytest.mark.parametrize(
    "text",
    [
        "abc",
        "+",
        "()",
        "555 unknown 1234",
        "5551234 none given",
        "bob1234567@mailbox",
        "1.20256E+10",
        "4.47701e11",
        "INFO12345678",
        "LOY02079460018",
    ],
)
def test_phone_that_is_none(text: str) -> None:
    with pytest.raises(Malformed):
        phone(text, "US")


@given(NUMBERISH, COUNTRIES)
def test_an_e164_value_with_its_plus_is_itself_in_every_country(text: str, country: str) -> None:
    try:
        value = phone(text, country)
    except InvalidIdentifier:
        return
    assert value.isascii()
    assert value.isdigit()
    assert len(value) >= 7
    if is_e164(value):
        assert phone(f"+{value}", country) == phone(f"00{value}", "US") == value
        assert whatsapp(f"+{value}", country) == f"+{value}"


def is_e164(digits: str) -> bool:
    """Not so for digits kept as given, of no country."""
    try:
        number = phonenumbers.parse(f"+{digits}")
    except phonenumbers.NumberParseException:
        return False
    written = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return phonenumbers.is_possible_number(number) and written == f"+{digits}"


@given(
    st.integers(7_000_000_000, 7_999_999_999),
    st.sampled_from(["0{}", "+44{}", "0044{}", "+44 (0){}", "44{}", "tel:+44{}"]),
)
def test_phone_formats_meet(number: int, form: str) -> None:
    if len(set(str(number))) > 1:
        assert phone(form.format(number), "GB") == f"44{number}"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (" Sarah.Johnson@Email.COM ", "sarah.johnson@email.com"),
        ("a@foo.test", "a@foo.test"),
        ("a@foo.local", "a@foo.local"),
        ("x+tag@example.com", "x+tag@example.com"),
        ("zoë@XN--bcher-kva.example", "zoë@bücher.example"),
        ("zoë@bücher.example", "zoë@bücher.example"),
        ("o'brien@example.com", "o'brien@example.com"),
    ],
)
def test_email_spellings(text: str, value: str) -> None:
    assert email(text) == value


@pytest.mark.parametrize(
    "text", ["x", "x@", "@x.com", "x@localhost", "a..b@x.com", "S <s@x.com>", "a b@x.com", "a@-x.com", "a@b"]
)
def test_email_that_is_none(text: str) -> None:
    with pytest.raises(Malformed):
        email(text)


@given(st.emails() | st.text(max_size=80) | st.from_regex(r"\A[\w.+-]{1,20}@[\w.-]{1,30}\Z"))
def test_email_is_idempotent_and_says_no_in_one_way(text: str) -> None:
    try:
        value = email(text)
    except InvalidIdentifier:
        return
    assert email(value) == value
    assert email(text.upper()) == email(text.upper().lower())


@given(st.from_regex(r"\A[a-z0-9_+-]{1,8}(\.[a-z0-9_+-]{1,8})?@([a-z0-9]{1,8}(-[a-z0-9]{1,8})?\.){1,2}[a-z]{2,6}\Z"))
def test_the_short_cut_for_plain_addresses_agrees_with_the_library(address: str) -> None:
    if "xn--" in address:
        return
    if address.endswith(SPECIAL_USE):  # names such as .local, which we let through on purpose
        return
    found = email_validator.validate_email(address, check_deliverability=False, test_environment=True)
    assert found.normalized == address == email(address)


@pytest.mark.parametrize("text", ["a\x00b", "a\nb", "\x7f", "\x85", "\ud800", "x\udfff"])
def test_unclean_text(text: str) -> None:
    assert not is_clean(text)
    if text.strip():
        with pytest.raises(InvalidIdentifier):
            identifier("loyalty_id", f"a{text}b")


def test_clean_text_and_regions() -> None:
    assert is_clean("Zoë 👩‍👧 花子 \u00a0")
    assert opaque("  LOY-1 ", "US") == "LOY-1"
    assert is_region("GB")
    assert not is_region("ZZ")
    assert not is_region(None)


@given(
    st.sampled_from(sorted(TYPES)),
    st.one_of(st.text(), st.integers(-(2**63), 2**64), st.none(), st.booleans(), st.floats()),
)
@settings(max_examples=300)
def test_identifier_raises_nothing_else(type_name: str, raw: object) -> None:
    try:
        found = identifier(type_name, raw, "GB")
    except BadInput:
        return
    assert found is None or (found.type == type_name and found.value and is_clean(found.value))


def test_empty_values_are_nobody_and_whole_numbers_are_text() -> None:
    assert identifier("email", "") is None
    assert identifier("email", "  ") is None
    assert identifier("phone", None) is None
    assert identifier("shopify_customer_id", 6512340010011) == Identifier("shopify_customer_id", "6512340010011")
    assert identifier("loyaltyId", " LOY-9 ") == Identifier("loyalty_id", "LOY-9")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("gid://shopify/Customer/123", "123"),
        ("gid://shopify/Customer/9007199254740993", "9007199254740993"),
        ("6512340010011.0", "6512340010011"),
        ("123", "123"),
        ("gid://shopify/Order/123", "gid://shopify/Order/123"),
        ("gid://shopify/Customer/x", "gid://shopify/Customer/x"),
    ],
)
def test_a_shopify_customer_in_both_spellings(text: str, value: str) -> None:
    assert identifier("shopify_customer_id", text) == Identifier("shopify_customer_id", value)


@pytest.mark.parametrize("unseen", ["\ufeff", "\u200b", "\u202a", "\u2060", " \u200e"])
def test_what_nobody_sees_at_an_end_is_no_part_of_a_value(unseen: str) -> None:
    """Copied from a web page, a table or an address book."""
    for type_name, text in (("email", "ann@example.com"), ("loyalty_id", "LOY-1"), ("phone", "+14155550101"), ("cookie", "zoë")):
        assert identifier(type_name, f"{unseen}{text}\u202c ") == identifier(type_name, text)
    assert identifier("cookie", unseen) is None


@pytest.mark.parametrize("text", ["\u00e9" + 50_000 * " " + "x", "e" + 20_000 * "\u0301\u0316"])
def test_whatever_somebody_sends_for_an_identifier_is_read_at_once(text: str) -> None:
    """While it is read, nobody else is served: each of these took half a minute."""
    began = time.process_time()
    for type_name in TYPES:
        with pytest.raises(InvalidIdentifier, match="longer than 512 bytes"):
            identifier(type_name, text)
    assert time.process_time() - began < 1


def test_of_marks_that_are_piled_up_the_first_are_left() -> None:
    text = "Zoe\u0308 " * 200
    assert with_few_marks(text) == text
    piled = "e" + 20_000 * "\u0301"
    assert with_few_marks(text + piled + text) == text + piled[:31] + text


@pytest.mark.parametrize("type_name", ["loyalty_id", "cookie", "shopify_customer_id"])
def test_nobody_sees_how_an_accent_was_typed(type_name: str) -> None:
    assert identifier(type_name, "CAFE\u0301-1") == identifier(type_name, "CAF\u00c9-1")
    with pytest.raises(InvalidIdentifier):
        identifier(type_name, "\u0958" * 170)  # 510 bytes, composed twice as many

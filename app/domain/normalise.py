"""How a raw identifier becomes the one value that all its spellings share. Pure; the slow ones keep a bounded cache.

Each function takes the trimmed text and the country (ISO 3166 alpha-2) that reads phone numbers written without theirs.
"""

import re
import unicodedata
from functools import lru_cache
from itertools import groupby, islice

import email_validator
import phonenumbers

from app.domain.blocked import is_one_digit_repeated, is_placeholder_word
from app.domain.errors import InvalidIdentifier

CACHE_SIZE = 32_768  # spellings kept per function; a few MB each when full

# Control characters (NUL included) and lone surrogates.
_UNCLEAN = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")

# The e-mail addresses that nearly everybody has: email-validator's answer for them is always yes, and slow.
_PLAIN_EMAIL = re.compile(r"[a-z0-9_+-]+(?:\.[a-z0-9_+-]+)*@(?:[a-z0-9]+(?:-[a-z0-9]+)*\.)+[a-z]{2,}")
_PLAIN_EMAIL_LENGTH = 64  # so that no part can pass its own limit

_SHOPIFY_CUSTOMER = re.compile(r"(?:gid://shopify/Customer/)?(\d+)(?:\.0+)?", re.ASCII)
_CHANNEL_PREFIX = re.compile(r"\A(?:whatsapp|sms|tel|rcs):", re.IGNORECASE)
_DOUBLE_ZERO = re.compile(r"\A[\s(+]*(?:00)+")
# `phonenumbers` would read letters as a keypad does, and "555 unknown" as a number. An extension is no word.
_WORD_AFTER_DIGIT = re.compile(r"\d[^a-z]*(?!e?xt)[^\W\d_]{3}", re.IGNORECASE)
# Letters that run into digits are an id or the name of a sender (INFO12345678), but for what stands before a number.
_AN_ID = re.compile(r"\A(?!tel|ph|mob|cell|fax)[a-z]{2,}\d", re.IGNORECASE | re.ASCII)
# What spreadsheets and data frames make of a number: 12025550123.0 is it still, of 1.20256E+10 the digits are lost.
_AS_A_DECIMAL = re.compile(r"\A(\+?\d{7,})\.0+\Z")
_AS_A_POWER = re.compile(r"\A\+?\d(?:[.,]\d+)?e\+?\d{1,2}\Z", re.IGNORECASE)
_SHORTEST_PHONE = 7  # digits; what is shorter is a short code or an extension
_LONGEST_PHONE = 15  # digits, by E.164; what is longer is several numbers, or an id
_LABEL = re.compile(r"\([^\d()]+\)\Z")  # what an address book says of a number behind it: (mobile)
# Accounts of WhatsApp keep the number that they were opened with: Mexico's of before 2019 the 1 that mobiles had;
# Brazil's mobiles of before 2016 lack the 9 that all have now (landlines begin with 2 to 5).
_OPENED_WITH = (
    (re.compile(r"\+521(\d{10})", re.ASCII), r"+52\1"),
    (re.compile(r"\+55(\d{2})([6-9]\d{7})", re.ASCII), r"+55\g<1>9\2"),
)
_EXTENSION = re.compile(r"[\s,;]*(?:\be?xt(?:ension)?\b\.?|x|;ext=|#)[\s:.]*\d{1,7}\s*\Z", re.IGNORECASE)


# What is seen nowhere: white space, and marks of order and width that come along when text is copied from a page or an address
# book. Characters and no pattern: one that looks for the end of a text begins anew at each blank in it, and texts come in any
# length.
_UNSEEN = "".join(
    chr(one)
    for first, last in (
        (0x09, 0x0D), (0x1C, 0x20), (0x85, 0x85), (0xA0, 0xA0), (0xAD, 0xAD), (0x1680, 0x1680), (0x2000, 0x200F),
        (0x2028, 0x202F), (0x205F, 0x2069), (0x3000, 0x3000), (0xFEFF, 0xFEFF),
    )
    for one in range(first, last + 1)
)  # fmt: skip
# Normal forms put a letter's marks in order, in time by their square: of a few thousand at once for seconds.
_LONGEST_COMPOSED = 1_024  # characters; what is longer has too many bytes for a value in any form
_MOST_MARKS = 30  # on one letter; no language has nearly as many
_FEW = 64  # characters, in order at once whatever they are
_LARGEST_EXACT = 2**53  # beyond it a double has lost digits


class Malformed(InvalidIdentifier):
    """The text cannot be a value of its type. A platform's webhook sets it aside; our own doors refuse it."""


class Unlinkable(Malformed):
    """It names nobody in particular: a local-only number, a short code, a placeholder word. All set it aside."""


def is_clean(text: str) -> bool:
    """No lone surrogates and no control characters, so that it survives UTF-8, logs, headers and URLs."""
    return _UNCLEAN.search(text) is None


def as_seen(text: str) -> str:
    """Without white space at its ends, and without what nobody sees: marks there, and whether an accent was typed apart (NFC). A
    text that is too long for any value is left as it was typed."""
    if text.isascii():
        return text.strip()
    seen = text.strip(_UNSEEN)
    return seen if len(seen) > _LONGEST_COMPOSED else unicodedata.normalize("NFC", seen)


def with_few_marks(text: str) -> str:
    """A text of any length, ready for a normal form. Where more marks are piled up than any letter has, the first are left."""
    if len(text) <= _FEW or text.isascii():
        return text
    runs = groupby(text, lambda one: unicodedata.combining(one) > 0)
    return "".join([one for are_marks, run in runs for one in (islice(run, _MOST_MARKS) if are_marks else run)])


def whole_again(raw: object) -> object:
    """A number that a table or a data frame made a fraction of (1001.0) is whole; any other value is itself."""
    if isinstance(raw, float) and raw.is_integer() and abs(raw) < _LARGEST_EXACT:
        return int(raw)
    return raw


def is_region(country: object) -> bool:
    """Whether phone numbers can be read as of this country (upper-case ISO 3166 alpha-2)."""
    return isinstance(country, str) and country in phonenumbers.SUPPORTED_REGIONS


def region(country: str) -> str:
    """The country itself, where somebody is asked for one. Raises ValueError when it is none."""
    if not is_region(country):
        raise ValueError("must be an ISO 3166 country of two capitals, such as US or GB (not UK)")
    return country


def opaque(text: str, country: str) -> str:
    """An id that is only ever compared: trimmed, its case kept."""
    return text.strip()


def shopify_customer(text: str, country: str) -> str:
    """Shopify's customer id, which its GraphQL API writes as `gid://shopify/Customer/1`, its webhooks as 1, a table as 1.0."""
    match = _SHOPIFY_CUSTOMER.fullmatch(text.strip())
    return match[1] if match else opaque(text, country)


@lru_cache(maxsize=CACHE_SIZE)
def email(text: str, country: str = "") -> str:
    """Trimmed, lower-cased, an internationalised domain in Unicode (so that its punycode spelling meets it). No DNS.

    Raises Malformed when it is no address, Unlinkable for a placeholder word such as `null`.
    """
    address = text.strip().lower()
    if len(address) <= _PLAIN_EMAIL_LENGTH and _PLAIN_EMAIL.fullmatch(address):
        return address
    if is_placeholder_word(address):
        raise Unlinkable(f"email is the placeholder {address!r}, not an address")
    return _validated(address).normalized.lower()


def with_ascii_domain(address: str) -> str:
    """An address as every mail server takes it, an internationalised domain in punycode. Raises Malformed for none."""
    if address.rpartition("@")[2].isascii():
        return address
    found = _validated(address)
    return f"{found.local_part}@{found.ascii_domain}"


def _validated(address: str) -> email_validator.ValidatedEmail:
    try:
        return email_validator.validate_email(address, check_deliverability=False, test_environment=True)
    except email_validator.EmailNotValidError as error:
        raise Malformed(f"email is not a valid address: {error}") from error


def at_home(digits: str) -> str:
    """A number as it is written in its own country, without what is dialled before it; the digits where no country is told."""
    try:
        return phonenumbers.national_significant_number(phonenumbers.parse(f"+{digits}"))
    except phonenumbers.NumberParseException:
        return digits


@lru_cache(maxsize=CACHE_SIZE)
def phone(text: str, country: str) -> str:
    """E.164 digits without the plus where `phonenumbers` calls the number possible, otherwise the digits as given, without an
    extension.

    A leading `00` is read as `+`. One digit repeated comes back as it is (the blocked list knows it). Raises Malformed
    when there is no digit or a word among them; Unlinkable for placeholder words, short codes (under 7 digits), more than 15
    digits, and numbers without their country that are possible only locally: `555-0123` is another person in every town, while
    `+1-555-0123` is one number wherever it is written.
    """
    bare = _AS_A_DECIMAL.sub(r"\1", _LABEL.sub("", _CHANNEL_PREFIX.sub("", _in_ascii_digits(text.strip()))))
    if _AS_A_POWER.fullmatch(bare):
        raise Malformed(f"phone {bare[:40]!r} lost its digits in a spreadsheet; send it as text")
    given = phonenumbers.normalize_digits_only(bare)
    if is_one_digit_repeated(given):
        return given
    written = _DOUBLE_ZERO.sub("+", bare)
    digits = phonenumbers.normalize_digits_only(written)
    is_short = is_placeholder_word(bare) or 0 < len(digits) < _SHORTEST_PHONE
    if not is_short and (not digits or _WORD_AFTER_DIGIT.search(bare) or _AN_ID.match(bare)):
        raise Malformed(f"phone {bare[:40]!r} is not a phone number; send its digits, best with + and country code")
    value = "" if is_short else _e164(written, country) or phonenumbers.normalize_digits_only(_EXTENSION.sub("", written))
    if len(value) < _SHORTEST_PHONE:
        raise Unlinkable(f"phone {bare[:40]!r} is a short code or a placeholder, not a person's number")
    if len(value) > _LONGEST_PHONE:
        raise Unlinkable(f"phone {bare[:40]!r} has more than {_LONGEST_PHONE} digits; send one number")
    return value


def _in_ascii_digits(text: str) -> str:
    """Digits of every script, and full-width signs, as those that our own patterns look for."""
    if text.isascii():
        return text
    return "".join(str(unicodedata.decimal(one, one)) for one in unicodedata.normalize("NFKC", text))


def _e164(written: str, country: str) -> str | None:
    """The E.164 digits, or None when the number is not possible anywhere. Raises Unlinkable when it is only locally."""
    try:
        number = phonenumbers.parse(written, country, keep_raw_input=True)
    except phonenumbers.NumberParseException:
        return None
    verdict = phonenumbers.is_possible_number_with_reason(number)
    if verdict == phonenumbers.ValidationResult.IS_POSSIBLE:
        return f"{number.country_code}{phonenumbers.national_significant_number(number)}"
    local_only = verdict == phonenumbers.ValidationResult.IS_POSSIBLE_LOCAL_ONLY
    if local_only and number.country_code_source == phonenumbers.CountryCodeSource.FROM_DEFAULT_COUNTRY:
        raise Unlinkable(f"phone {written[:40]!r} is complete only in its own area; send it with + and country code")
    return None


def dialled(sender: str) -> str:
    """The number of a WhatsApp sender (+ and digits) as it is dialled, and given to shops, today; any other text is itself."""
    return next((pattern.sub(today, sender) for pattern, today in _OPENED_WITH if pattern.fullmatch(sender)), sender)


def whatsapp(text: str, country: str) -> str:
    """The phone number behind a WhatsApp sender, with the plus. Raises as `phone` does."""
    return f"+{phone(text, country)}"

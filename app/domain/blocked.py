"""Placeholder values: what forms, tills and SDKs send when they know nothing. They are kept, but never link people.

555 numbers and `example.com` are not placeholders.
"""

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.domain.identifiers import Identifier

_NOTHING = "null none nil undefined n/a na nan guest anonymous anon unknown unidentified empty blank - -- . ? 0 -1 false true"
_NOTHING_SAID = "not set,(not set),not provided,not available,not applicable,no email,no phone,[object object]"
# Under any type, in any case.
WORDS = frozenset(_NOTHING.split()) | frozenset(_NOTHING_SAID.split(","))

# What programs write for a name that is not there, as they spell it: somebody may well be called Null.
_NAMELESS = frozenset({"null", "(null)", "undefined", "None", "nan", "NaN", "[object Object]"})
_NAMES = frozenset({"name", "first_name", "last_name"})

# E-mail addresses whose local part alone says that nobody reads them.
_UNREAD_LOCALS = """
noreply no-reply no_reply no.reply donotreply do-not-reply do_not_reply do.not.reply
noemail no-email no_email no.email nomail no-mail notprovided not-provided mailer-daemon
"""
_UNREAD = frozenset(_UNREAD_LOCALS.split())
# Those whose local part is a word for nobody; at the domains of examples such a word is a person's name as any other.
_NOBODY = frozenset({"none", "null", "undefined", "unknown", "anonymous", "anon", "guest"})
_EXAMPLES = frozenset({"example.com", "example.org", "example.net"})
# Words that are a placeholder only as word@word.tld (test@test.com): somebody may well be test@email.com or no@shop.org.
_FILLER_LOCALS = "test testing email mail user customer no na n nil fake asdf asd qwerty abc a aa aaa x xx xxx"
_FILLER = frozenset(_FILLER_LOCALS.split())
_NOWHERE = frozenset({"noemail.com", "no-email.com", "noemail.invalid", "noreply.com", "nomail.com", "none.com"})

# Ids of nothing but zeros (a phone's advertising id when its owner says no to tracking); two famous shared device ids.
_ZEROS = re.compile(r"[0:-]+")
_SHARED_DEVICES = frozenset({"9774d56d682e549c", "02:00:00:00:00:00"})


# What telephone companies put in the place of a number that is withheld: ANONYMOUS, RESTRICTED, UNAVAILABLE on a keypad.
_WITHHELD = frozenset({"266696687", "7378742833", "86282452253"})


def is_blocked(identifier: "Identifier") -> bool:
    """Whether this value stands for nobody."""
    type_name, value = identifier
    if type_name == "email":
        return _is_placeholder_email(value)
    if type_name == "phone":
        return _is_placeholder_number(value)
    if type_name == "whatsapp":
        return _is_placeholder_number(value[1:])
    return is_placeholder_word(value) or _ZEROS.fullmatch(value) is not None or value.lower() in _SHARED_DEVICES


def is_nameless(attribute: str, value: str) -> bool:
    """Whether an attribute is a name that its sender does not know: nobody is greeted with `undefined`."""
    return value in _NAMELESS and attribute in _NAMES


def is_placeholder_word(text: str) -> bool:
    return len(text) <= 16 and text.casefold() in WORDS


def is_one_digit_repeated(digits: str) -> bool:
    """0000000, 9999999999: typed to get past a form."""
    return len(digits) >= 7 and digits == digits[0] * len(digits)


def _is_placeholder_number(digits: str) -> bool:
    """A withheld one; one digit repeated, also after the North American country code (+1 999 999 9999)."""
    national = digits[1:] if len(digits) == 11 and digits[0] == "1" else digits
    return digits in _WITHHELD or is_one_digit_repeated(digits) or is_one_digit_repeated(national)


def _is_placeholder_email(value: str) -> bool:
    local, _, domain = value.rpartition("@")
    if local.partition("+")[0] in _UNREAD or domain in _NOWHERE:
        return True
    if local in _NOBODY:
        return domain not in _EXAMPLES
    return local in _FILLER and domain.partition(".")[0] == local

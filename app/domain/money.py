"""Money as whole minor units (cents; whole yen) of an ISO 4217 currency: exact, within 64 bits, never a float."""

import re
from decimal import ROUND_HALF_EVEN, Context, Decimal

from app.domain.errors import BadInput

LIMIT = 10**15  # minor units of one amount: thousands of such can be summed before the graph's 64-bit integers end
_DIGITS_AT_MOST = 64
_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)", re.ASCII)
_EXACT = Context(prec=_DIGITS_AT_MOST + 32, rounding=ROUND_HALF_EVEN)

# ISO 4217 by how many digits stand after the point, with the codes withdrawn since 2014 (old orders name them) and the
# island pounds that shops use. A table, because the typed library for it (py-moneyed) brings all of Babel along.
_CODES_BY_EXPONENT = {
    0: "BIF BYR CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    2: "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE "
    "CHF CHW CNY COP COU CRC CUC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GGP GHS GIP GMD GTQ GYD HKD "
    "HNL HRK HTG HUF IDR ILS IMP INR IRR JEP JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL LTL LVL MAD MDL MGA MKD "
    "MMK MNT MOP MRO MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB "
    "SAR SBD SCR SDG SEK SGD SHP SLE SLL SOS SRD SSP STD STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN "
    "UYU UZS VED VEF VES WST XCD XCG YER ZAR ZMK ZMW ZWG ZWL",
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}
EXPONENT: dict[str, int] = {code: digits for digits, codes in _CODES_BY_EXPONENT.items() for code in codes.split()}


def currency_code(raw: object, default: str, where: str) -> str:
    """The ISO 4217 code of a payload's currency field; `default` when null or blank. Raises BadInput when unknown."""
    code = raw.strip().upper() if isinstance(raw, str) else None
    if raw is None or code == "":
        return default
    if code not in EXPONENT:
        raise BadInput(f"{where}: {str(raw)[:40]!r} is no ISO 4217 currency code; send one such as USD")
    return code


def amount(raw: object, where: str) -> Decimal:
    """The exact decimal that a JSON number or a numeric string writes. Raises BadInput for anything else."""
    if isinstance(raw, str):
        text = raw.strip()
        if len(text) <= _DIGITS_AT_MOST and _NUMBER.fullmatch(text):
            return Decimal(text)
    elif isinstance(raw, int | float | Decimal) and not isinstance(raw, bool):
        # A float's repr is what its sender wrote; its binary value (89.98999999...) is not.
        value = Decimal(repr(raw)) if isinstance(raw, float) else Decimal(raw)
        if value.is_finite():
            return value
    raise BadInput(f"{where}: {_shown(raw)} is no amount; send a number or a numeric string such as 89.99")


def minor_units(raw: object, currency: str, where: str) -> int:
    """An amount in major units as whole minor units of `currency`; digits beyond them are rounded half to even.

    `where` names the field in messages. Raises BadInput when it is no finite number, the currency is unknown, or the
    result is 10^15 or more.
    """
    exponent = EXPONENT.get(currency)
    if exponent is None:
        raise BadInput(f"{where}: {currency[:40]!r} is no ISO 4217 currency code; send one such as USD")
    value = amount(raw, where)
    if value.adjusted() < 20:  # rounding a number of a thousand digits would be work for nothing
        minor = int(_EXACT.quantize(value.scaleb(exponent, _EXACT), Decimal(1)))
        if -LIMIT < minor < LIMIT:
            return minor
    raise BadInput(f"{where}: {_shown(raw)} is beyond 10^15 minor units of {currency}; send a real amount")


def whole_minor(raw: object, currency: str, where: str) -> int:
    """An amount that its sender gives in minor units. Raises BadInput as `minor_units`, and for a part of one."""
    value = amount(raw, where)
    if currency not in EXPONENT or value != value.to_integral_value() or not -LIMIT < value < LIMIT:
        raise BadInput(f"{where}: {_shown(raw)} is no whole number of minor units of {currency[:40]}, less than 10^15; send such")
    return int(value)


def major(minor: int, currency: str) -> float:
    """Minor units as the JSON number people expect (21549 USD -> 215.49): the float nearest to the exact value."""
    scale: int = 10 ** EXPONENT[currency]
    return minor / scale


def _shown(raw: object) -> str:
    """A value as a message may show it: short, whatever it is."""
    if isinstance(raw, str | float | Decimal):
        return repr(str(raw)[:40])
    return "the number" if isinstance(raw, int) and not isinstance(raw, bool) else type(raw).__name__

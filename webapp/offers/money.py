"""Amounts of money: exact, with the currencies of ISO 4217, stored as whole ten-thousandths."""

from decimal import Decimal, InvalidOperation
from functools import lru_cache

from sqlalchemy import BigInteger, Dialect
from sqlalchemy.types import TypeDecorator

PLACES = 4
LARGEST = Decimal("99999999.9999")
_UNIT = Decimal(10) ** -PLACES

# The active codes of ISO 4217 by the number of decimals of their minor unit. Funds and metals are left out.
_DIGITS = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF",
    3: "BHD IQD JOD KWD LYD OMR TND",
    2: "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP CRC "
    "CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD "
    "KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO "
    "NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL "
    "THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VES WST XCD XCG YER ZAR ZMW ZWG",
}
DIGITS = {code: digits for digits, codes in _DIGITS.items() for code in codes.split()}

# Only signs that mean one currency; the others are written with their code in front.
SIGNS = {
    "USD": "$",
    "EUR": "€",
    "GBP": "£",
    "JPY": "¥",
    "INR": "₹",
    "CAD": "CA$",
    "AUD": "A$",
    "NZD": "NZ$",
    "BRL": "R$",
    "KRW": "₩",
    "ILS": "₪",
    "UAH": "₴",
    "VND": "₫",
}


class Amount(TypeDecorator[Decimal]):
    """A Decimal with four places; SQLite has no exact type of its own, and whole numbers sort as they should."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:
        return None if value is None else int((value / _UNIT).to_integral_value())

    def process_result_value(self, value: int | None, dialect: Dialect) -> Decimal | None:
        return None if value is None else Decimal(value) * _UNIT


@lru_cache(maxsize=10_000)
def read_amount(text: str) -> Decimal | None:
    """The amount that a text without currency means, None for an empty text; raises ValueError for anything else."""
    text = text.strip()
    if not text:
        return None
    try:
        value = Decimal(text) if text.isascii() and not set(text) - set("0123456789.") else None
    except InvalidOperation:
        value = None
    if value is None or value > LARGEST or value != value.quantize(_UNIT):
        raise ValueError(text)
    return value


def bare(value: Decimal, currency: str) -> str:
    """`24` USD → "24.00", `0.0125` USD → "0.0125", `500` JPY → "500": never fewer decimals than the currency has."""
    plain = format(value.quantize(_UNIT).normalize(), "f")
    whole, _, decimals = plain.partition(".")
    digits = DIGITS.get(currency, 2)
    decimals = decimals.ljust(digits, "0")
    return f"{whole}.{decimals}" if decimals else whole


def written(value: Decimal, currency: str) -> str:
    """With the sign of the currency, or its code where no sign is only its own: "$24.00", "CHF 24.00"."""
    number = bare(value, currency)
    whole, dot, decimals = number.partition(".")
    number = f"{int(whole):,}{dot}{decimals}"
    return f"{SIGNS[currency]}{number}" if currency in SIGNS else f"{currency} {number}"

"""Integer cents in, sentences out. Arithmetic on fees is requests_app.law's."""

from decimal import Decimal, InvalidOperation

from portal.core.errors import BadInput


def dollars(cents: int) -> str:
    """This will spell integer cents as dollars: ``4600`` → ``$46.00``."""
    sign = "-" if cents < 0 else ""
    return f"{sign}${abs(cents) // 100:,}.{abs(cents) % 100:02d}"


def cents(text: str) -> int:
    """This will read an amount a person typed, such as ``46`` or ``$1,046.50``, as integer cents.

    :raises BadInput: for anything but a non-negative amount with at most two decimals below ten million.
    """
    plain = text.strip().removeprefix("$").replace(",", "")
    try:
        amount = Decimal(plain)
    except InvalidOperation:
        raise BadInput(f"“{text}” is not an amount. Write it like 46.00.") from None
    exact = amount * 100 if amount.is_finite() else Decimal(-1)
    if not (0 <= exact < 10**9) or exact != int(exact):
        raise BadInput(f"“{text}” is not an amount between 0.00 and 9,999,999.99 with whole cents.")
    return int(exact)

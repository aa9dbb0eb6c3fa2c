"""What becomes of a value by the name of its field: kept, redacted as a whole, or looked through for what is personal.

Free text cannot be told from a brand by detectors alone, so the name of the field decides first. Names are compared
without case, hyphens and underscores.
"""

from __future__ import annotations

import re
from typing import Final, Literal

Treatment = Literal["keep", "redact", "scan"]

_PERSONAL: Final[dict[str, str]] = {
    "PERSON": "name firstname lastname fullname givenname familyname surname customername recipient contactname",
    "EMAIL": "email emailaddress mail to cc bcc replyto from",
    "PHONE": "phone phonenumber telephone tel mobile fax",
    "ADDRESS": "address address1 address2 street streetaddress shippingaddress billingaddress postcode zip zipcode "
    "postalcode city",
    "SECRET": "password passwd token secret apikey authorization cookie accesstoken clientsecret",
    "BIRTH_DATE": "birthday birthdate dateofbirth dob",
    "CARD": "cardnumber creditcard pan cvc cvv",
    "BANK": "iban bic accountnumber routingnumber sortcode",
    "ID": "ssn socialsecurity passport passportnumber taxid driverlicense licenseplate",
    "IP": "ip ipaddress remoteaddr clientip",
}
_KEPT: Final = frozenset(
    "id sku skus handle gid tool currency price priceminor amount amountminor quantity count status state type kind "
    "version digest url link source collection variantid productid orderid inventoryitemid locationid chunk start end "
    "document documentid score unit vendor brand color colour size".split()
)
_REDACTED: Final = {name: kind for kind, names in _PERSONAL.items() for name in names.split()}
_PRODUCT: Final = frozenset({"product", "products", "variant", "variants", "item", "items", "lineitem", "lineitems"})
"""Whose `name` is a thing's, not a person's."""


def treatment(key: str, parent: str | None) -> tuple[Treatment, str]:
    """What becomes of the texts of a field, and which kind of thing it is where it is redacted."""
    name = _plain(key)
    if name == "name" and parent is not None and _plain(parent) in _PRODUCT:
        return "keep", ""
    if name in _REDACTED:
        return "redact", _REDACTED[name]
    return ("keep", "") if name in _KEPT else ("scan", "")


def _plain(key: str) -> str:
    return re.sub(r"[^a-z0-9]", "", key.lower())

"""What becomes of a value by the name and the path of its field, before any detector looks at it.

Free text cannot be told from a brand by detectors alone, so the field decides first. Names are compared without case,
hyphens and underscores; of several rules the one that names more of the path holds. A rule is a line
`path: treatment KIND`, such as `customer/name: redact PERSON` or `product/*: keep`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, get_args

Treatment = Literal["keep", "redact", "scan", "pseudonymise"]


@dataclass(frozen=True, slots=True)
class Rule:
    """What becomes of a field: `kind` names what it holds where it is redacted, or whom a pseudonym stands for."""

    treatment: Treatment
    kind: str = ""


SCAN: Final = Rule("scan")
KEEP: Final = Rule("keep")

_THINGS: Final = (
    "product products variant variants item items lineitem lineitems sku brand vendor category collection tool "
    "policy rule "
    "discount coupon campaign shop store warehouse supplier carrier currency tag tags option options attribute "
    "attributes "
    "metafield plan theme file document page template event"
)
_PEOPLE: Final = "customer customers user buyer person contact recipient author employee sender receiver owner patient"
_REDACTED: Final[Mapping[str, str]] = {
    "PERSON": "name firstname lastname middlename fullname givenname familyname surname maidenname customername "
    "username displayname contactname recipientname buyername nickname signature cardholder accountholder",
    "EMAIL": "email emailaddress emails mail contactemail customeremail",
    "PHONE": "phone phonenumber phones telephone tel mobile fax cell whatsapp",
    "ADDRESS": "address addresses address1 address2 line1 line2 addressline1 addressline2 street streetaddress "
    "shippingaddress billingaddress deliveryaddress postcode zip zipcode postalcode city town latitude longitude "
    "lat lng",
    "SECRET": "password passwd passphrase secret token accesstoken refreshtoken apikey privatekey authorization cookie "
    "setcookie credentials clientsecret sessionid otp pin",  # nosec B105 # names of fields
    "BIRTH_DATE": "birthday birthdate dateofbirth dob",
    "CARD": "card cardnumber creditcard creditcardnumber pan cvc cvv",
    "ACCOUNT": "accountnumber bankaccount routingnumber sortcode bic swift",
    "IBAN": "iban",
    "ID": "ssn socialsecurity socialsecuritynumber passport passportnumber taxid vatid nationalid driverlicense "
    "drivinglicence licenseplate fingerprint deviceid",
    "IP": "ip ipaddress remoteaddr clientip browserip",
}
_PSEUDONYMS: Final[Mapping[str, str]] = {
    "customer": "customerid customerids customernumber customergid",
    "user": "userid accountid",
    "subject": "subjectid dataSubject",
}
_KEPT: Final = (
    "id ids sku skus handle slug gid ean gtin upc tool currency price prices priceminor amount amountminor total "
    "subtotal tax "
    "quantity count limit status state type kind version digest sha256 etag category categories collection "
    "collectionid "
    "variantid productid productids orderid ordernumber inventoryitemid locationid warehouse chunk chunkid start "
    "end document "
    "documentid score unit units vendor brand color colour size material weight currencycode countrycode country "
    "language "
    "locale risk reasoncode createdat updatedat expiresat datetime timestamp traceid requestid mediatype contenttype"
)
_SEGMENT: Final = re.compile(r"[^a-z0-9*]")


@dataclass(frozen=True, slots=True)
class FieldPolicy:
    """Rules by path, the last segment first."""

    rules: Mapping[tuple[str, ...], Rule] = field(default_factory=dict)

    def rule(self, path: Sequence[str]) -> Rule:
        """What becomes of the field at a path; places in lists are no part of it."""
        if not path:
            return SCAN
        name, parent = plain(path[-1]), plain(path[-2]) if len(path) > 1 else ""
        for key in ((parent, name), (name,), (parent, "*")):
            found = self.rules.get(key)
            if found is not None:
                return found
        return SCAN

    def extended(self, lines: Iterable[str]) -> FieldPolicy:
        """The policy with more rules, which hold over those it has. Raises `ValueError` for a line that is none."""
        return FieldPolicy({**self.rules, **dict(_read(line) for line in lines if line.strip())})


def plain(name: str) -> str:
    """A field's name as it is compared."""
    return _SEGMENT.sub("", name.lower())


def _read(line: str) -> tuple[tuple[str, ...], Rule]:
    path, colon, rest = line.partition(":")
    words = rest.split()
    key = tuple(plain(part) for part in path.strip().split("/"))
    if not colon or not words or words[0] not in get_args(Treatment) or len(key) > 2 or len(words) > 2:  # noqa: PLR2004  # parent and name; treatment and kind
        raise ValueError("A rule is `path: treatment KIND`.")
    kind = words[1] if len(words) > 1 else ""
    treatments: dict[str, Treatment] = {each: each for each in get_args(Treatment)}
    return key, Rule(treatments[words[0]], kind)


def _defaults() -> FieldPolicy:
    rules: dict[tuple[str, ...], Rule] = {(name,): KEEP for name in _KEPT.split()}
    for kind, names in _REDACTED.items():
        rules |= {(name,): Rule("redact", kind) for name in names.split()}
    for kind, names in _PSEUDONYMS.items():
        rules |= {(plain(name),): Rule("pseudonymise", kind) for name in names.split()}
    for thing in _THINGS.split():
        rules |= {(thing, name): KEEP for name in ("name", "title", "displayname")}
    rules |= {(person, "id"): Rule("pseudonymise", "customer") for person in _PEOPLE.split()}
    rules |= {("product", "title"): KEEP, ("title",): SCAN}
    rules |= {("evidence", "name"): SCAN}  # what a figure measures, as a rule
    return FieldPolicy(rules)


DEFAULT: Final = _defaults()

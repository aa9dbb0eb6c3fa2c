"""What is personal by its form: addresses on the net, numbers of cards, accounts, papers. Every pattern is bounded."""

from __future__ import annotations

import re
from collections.abc import Iterator
from ipaddress import ip_address
from typing import Final

from tillhand_approvals.domain.redaction import finding as kinds
from tillhand_approvals.domain.redaction.checksums import digits_of, iban_end, is_card, nhs
from tillhand_approvals.domain.redaction.finding import Span

_EMAIL: Final = re.compile(
    r"(?<![\w.+%-])[\w.+%'&/=!#$*-]{0,63}\w(?:@|\s?\[at\]\s?|%40)(?:[^\W_](?:[\w-]{0,62}[^\W_])?\.){1,8}[^\W\d_]{2,24}"
    r"(?![\w@])"
)
_SITE: Final = re.compile(r"(?:\b[a-z][a-z0-9+.-]{1,11}://|\bwww\d?\.)[^\s<>\"'`|\\^{}\[\]]{3,2000}", re.IGNORECASE)
_PROFILE: Final = re.compile(
    r"(?:[\w-]+\.)?(?:linkedin\.com/in|facebook\.com|instagram\.com|twitter\.com|x\.com|tiktok\.com/@?|github\.com|"
    r"t\.me|"
    r"medium\.com/@|youtube\.com/@)/?[\w.@-]{2,60}/?",
    re.IGNORECASE,
)
_TELLING: Final = re.compile(
    r"@|%40|[?&;](?:e?-?mail|token|key|sig|signature|auth|user|name|phone|session)\w*=", re.IGNORECASE
)
_NUMBER: Final = re.compile(r"(?<![\w.,/-])\d(?:[ -]?\d){11,18}(?![\w-]|[.,]\d)")
_CARD_CUE: Final = re.compile(r"(?:card|\bcc\b|visa|mastercard|amex|maestro|\bpan\b)[^.\n]{0,40}$", re.IGNORECASE)
_IBAN: Final = re.compile(r"(?<![^\W_])[A-Za-z]{2}\d{2}(?:[ -]?[A-Za-z0-9]){11,30}")
_IBAN_CUE: Final = re.compile(r"\biban\b[^.\n]{0,20}$", re.IGNORECASE)
_SSN: Final = re.compile(r"(?<![\w-])\d{3}-\d{2}-\d{4}(?![\w-])")
_IPV4: Final = re.compile(r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?:/\d{1,2})?(?![\w]|\.\d)")
_IPV6: Final = re.compile(
    r"(?<![\w:.])(?:[0-9A-Fa-f]{0,4}:){2,7}(?:[0-9A-Fa-f]{1,4}|(?:\d{1,3}\.){3}\d{1,3})?(?![\w:])"
)
_VERSION_CUE: Final = re.compile(r"(?:version|firmware|release|\bv)\s*$", re.IGNORECASE)
_MAC: Final = re.compile(r"(?<![\w:-])[0-9A-Fa-f]{2}([:-])(?:[0-9A-Fa-f]{2}\1){4}[0-9A-Fa-f]{2}(?![\w:-])")
_CRYPTO: Final = re.compile(r"\b(?:bc1[a-z0-9]{25,59}|[13][1-9A-HJ-NP-Za-km-z]{25,34}|0x[0-9A-Fa-f]{40})\b")
_NHS: Final = re.compile(r"(?<![\w-])\d{3}[ -]\d{3}[ -]\d{4}(?![\w-])")
_NATIONAL: Final = re.compile(
    r"\b(?:[A-CEGHJ-PR-TW-Z]{2} ?\d{2} ?\d{2} ?\d{2} ?[A-D]|[A-Z]{6}\d{2}[A-EHLMPR-T]\d{2}[A-Z]\d{3}[A-Z]|"
    r"[XYZ]\d{7}[A-Z]|\d{8}[A-Z](?=\W|$)|[A-Z]{4}\d{6}[HM][A-Z]{5}\w\d)\b"
)
"""National Insurance (GB), codice fiscale (IT), NIE and DNI (ES), CURP (MX)."""
_SECRET: Final = re.compile(
    r"\b(?:th_(?:agent|service|operator)_[0-9a-f_]{20,200}|(?:sk|pk|rk|shpat|shpss|shpca|whsec|ghp|glpat|"
    r"xox[abp])[_-][\w-]{12,200}|"
    r"AKIA[0-9A-Z]{16}|eyJ[\w-]{10,800}\.eyJ[\w-]{10,1200}\.[\w-]{10,700})"
)
_LABELLED: Final = re.compile(
    r"\b(?:(?P<licence>(?:driv(?:er|ing)(?:['\u2019]?s)?|dl) ?licen[cs]e|\bdl\b)|(?P<passport>passport)|"
    r"(?P<ssn>social security|\bssn\b|\bsin\b)|(?P<account>account|acct|routing|sort code|bank|swift|\bbic\b)|"
    r"(?P<id>national id|identity card|\bid card|tax id|taxpayer|\bvat\b|\bnhs\b|insurance|medical record|\bmrn\b|"
    r"patient|"
    r"member(?:ship)?|licen[cs]e plate|number plate|plate|\btin\b|\bitin\b|\bein\b|\bcpf\b|\baadhaar\b|\bpan\b|\bdni\b|"
    r"\bnif\b|\bcurp\b|voter|student id|employee id))"
    r"[ \t]{0,3}(?:id|card|registration|policy|code|number|num|no|nr)?\.?(?:[ \t]{0,2}(?:number|num|no|nr))?[ "
    r"\t]{0,3}(?:is|are|was|:|=|#|\u2013|-)?"
    r"[ \t]{0,3}(?P<value>[#]?(?=[A-Za-z -]{0,8}\d)[A-Za-z0-9](?:[ -]?[A-Za-z0-9]){4,24})",
    re.IGNORECASE,
)
_LABEL_KINDS: Final = {
    "licence": kinds.LICENSE, "passport": kinds.PASSPORT, "ssn": kinds.SSN, "account": kinds.ACCOUNT, "id": kinds.ID,
}  # fmt: skip
_SHORTEST_CARD, _LONGEST_CARD = 13, 19
_TRAILING: Final = ".,;:!?)'\""


def formatted(text: str) -> Iterator[Span]:
    """Everything that its form gives away; spans may overlap."""
    if "@" in text or "[at]" in text or "%40" in text:
        yield from (Span(kinds.EMAIL, *match.span(), 1.0) for match in _EMAIL.finditer(text))
    if "://" in text or "www" in text.lower():
        yield from _sites(text)
    yield from (Span(kinds.SECRET, *match.span(), 1.0) for match in _SECRET.finditer(text))
    if any(map(str.isdigit, text)):
        yield from _numbers(text)
        yield from _labelled(text)
    if ":" in text or "-" in text:
        yield from _machines(text)


def _sites(text: str) -> Iterator[Span]:
    for match in _SITE.finditer(text):
        site = match.group().rstrip(_TRAILING)
        host_and_path = re.sub(r"^[a-z+.-]+://", "", site, flags=re.IGNORECASE)
        bare = host_and_path.count("/") == (1 if host_and_path.endswith("/") else 0) and "?" not in site
        telling = bare or _PROFILE.fullmatch(host_and_path) or _TELLING.search(site)
        yield Span(kinds.DOMAIN if telling else kinds.URL, match.start(), match.start() + len(site), 0.95)


def _numbers(text: str) -> Iterator[Span]:
    yield from _payments(text)
    yield from (Span(kinds.SSN, *match.span(), 0.97) for match in _SSN.finditer(text))
    for match in _NHS.finditer(text):
        if nhs(digits_of(match.group())) and "nhs" in text.lower():
            yield Span(kinds.ID, *match.span(), 0.97)
    yield from (Span(kinds.ID, *match.span(), 0.8) for match in _NATIONAL.finditer(text))
    yield from (Span(kinds.CRYPTO, *match.span(), 0.9) for match in _CRYPTO.finditer(text) if _is_mixed(match.group()))
    for match in _IPV4.finditer(text):
        versioned = _VERSION_CUE.search(text, max(0, match.start() - 12), match.start())
        if _is_ip(match.group().partition("/")[0]) and not versioned:
            yield Span(kinds.IP, *match.span(), 0.98)


def _payments(text: str) -> Iterator[Span]:
    for match in _NUMBER.finditer(text):
        digits = digits_of(match.group())
        cued = _CARD_CUE.search(text, max(0, match.start() - 60), match.start()) is not None
        if (is_card(digits) and len(digits) > _SHORTEST_CARD) or (
            cued and _SHORTEST_CARD <= len(digits) <= _LONGEST_CARD
        ):
            yield Span(kinds.CARD, *match.span(), 1.0)
    for match in _IBAN.finditer(text):
        length = iban_end(match.group())
        if length is not None:
            yield Span(kinds.IBAN, match.start(), match.start() + length, 1.0)
        elif _IBAN_CUE.search(text, max(0, match.start() - 30), match.start()):
            yield Span(kinds.IBAN, *match.span(), 0.9)


def _machines(text: str) -> Iterator[Span]:
    if ":" in text:
        for match in _IPV6.finditer(text):
            if len(match.group()) > 4 and _is_ip(match.group()):  # noqa: PLR2004  # "::1" is nobody
                yield Span(kinds.IP, *match.span(), 0.98)
    yield from (Span(kinds.MAC, *match.span(), 0.98) for match in _MAC.finditer(text))


def _labelled(text: str) -> Iterator[Span]:
    for match in _LABELLED.finditer(text):
        value = match.group("value")
        start = match.start("value")
        kept = re.match(r"[#A-Za-z0-9-]*\d[A-Za-z0-9-]*(?:[ -][A-Za-z]{0,2}\d[A-Za-z0-9]*)*", value)
        if kept is not None and sum(map(str.isdigit, kept.group())) >= 4:  # noqa: PLR2004  # shorter numbers count things
            label = next(name for name in _LABEL_KINDS if match.group(name))
            yield Span(_LABEL_KINDS[label], start, start + kept.end(), 0.85)


def _is_ip(text: str) -> bool:
    try:
        return not ip_address(text).is_unspecified
    except ValueError:
        return False


def _is_mixed(text: str) -> bool:
    return any(map(str.isdigit, text)) and any(map(str.isalpha, text))

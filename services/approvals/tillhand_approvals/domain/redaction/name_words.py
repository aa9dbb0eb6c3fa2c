"""The words that stand beside names of persons, places and organisations."""

from __future__ import annotations

import re
from typing import Final

PREFIXES: Final = frozenset(
    "mr mrs ms miss mx dr prof professor sir madam madame mme mlle herr frau fräulein señor señora sr sra signor "
    "signora dame "
    "lady lord rev reverend capt captain sgt sergeant lt col".split()
)
SUFFIXES: Final = frozenset("jr sr ii iii iv phd md dds dvm esq cpa rn".split())
PARTICLES: Final = frozenset(
    "van von der den de la le di da del della dos das du bin ibn al el ter ten zu y mac af av".split()
)
COMPANY: Final = frozenset(
    "inc ltd llc gmbh corp corporation company co plc ag sa srl bv nv oy ab kg ohg group holdings partners sons bank "
    "university ministry institute foundation association college hospital insurance airlines technologies industries "
    "enterprises incorporated limited solutions consulting systems networks labs".split()
)
"""What names of organisations end with."""
COMPANY_SURE: Final = frozenset("inc ltd llc gmbh corp plc corporation incorporated".split())
COMPANY_OF: Final = frozenset(
    "university ministry department bank institute college board bureau office center centre school".split()
)
"""What they begin with, before `of`."""
PERSONAL: Final = frozenset(
    "i me my mine myself he him his himself she her hers herself i'm i've i'd i'll he's she's mr mrs ms dr dear hi "
    "hello hey "
    "thanks regards sincerely who whose friend wife husband son daughter mother father brother sister colleague "
    "boss".split()
)
"""A text that has one of these speaks of people."""
FUNCTION: Final = frozenset(
    "the and of to is with for on your it this that are my you by from at be have has had not can could would which "
    "who his her "
    "they we our their there here out up about into than then when where".split()
)
"""What holds English sentences together, and no other language's."""
BRANDS: Final = frozenset(
    "adidas amazon apple asics asus audi bang bialetti birkenstock bissell black bmw bosch bose brabantia braun "
    "breville brother "
    "canon casio clarks columbia converse creuset crocs decker delonghi dell disney dyson ebay ecco ford fuji "
    "garmin gillette google "
    "gopro gucci haier hermes hoover hp huawei ikea intel jabra jbl karcher kärcher kenwood kitchenaid klarna lego "
    "lenovo levi "
    "levis logitech makita mattel mercedes metabo microsoft miele moccamaster neff nespresso nestle nike nintendo "
    "nokia oakley osram panasonic "
    "patagonia paypal philips playmobil playstation polaroid prada puma ravensburger renault ryobi salomon samsung "
    "sennheiser "
    "shimano shopify siemens singer smeg sonos sony stanley stihl swarovski tefal tesla timberland toshiba toyota "
    "trek ups vans volvo wmf xbox xiaomi yamaha zara".split()
)
"""Makers whose names are people's as well, or nobody's: taken for people only where the words beside them say so."""
WARES: Final = frozenset(
    "shipping returns warranty sku size sizes colour color fabric cotton polyester leather washable waterproof "
    "adjustable "
    "dimensions weight fits features includes compatible recommended product products collection price sale stock "
    "battery "
    "materials material durable lightweight stainless steel aluminium aluminum capacity model".split()
)
"""A text that has several of these speaks of things."""
SPEAKING: Final = (
    r"(?:says?|said|asks?|asked|writes?|wrote|calls?|called|tells?|told|replied|answered|lives?|lived|works?|worked|"
    r"shouted|spent|listed|points?|pointed|explained|moved|wants?|wanted|ordered|bought|paid|returned|complained|"
    r"needs?|requested|confirmed|signed|agreed|thinks?|thought|died|"
    r"married|joined|became|left|visited|went|came|sent|received|gave|met)"
)
BEING: Final = re.compile(r" (?:has|had|have|is|was|were|will|can|could|would)\b", re.IGNORECASE)
"""What follows persons and things alike."""
BEFORE: Final = re.compile(
    r"(?:\bname(?:'?s|d)?(?: (?:is|was|to|on it is))?|\bi am|\bi['\u2019]m|\bthis is|\bcall(?:s|ed)? (?:me|him|her)|"
    r"\bnamed (?:him|her)|\bdear|"
    r"\bhi|\bhello|\bhey|\bthanks|\bthank you|\bregards|\bsincerely|\bcheers|\blove|\byours|\bcontact(?:ed)?|\bask for|"
    r"\b(?:speak|talk|spoke|talked|meet|deal|chat)(?:ing)? (?:to|with)|\battn|\battention|\buser|\bcustomer|"
    r"\bclient|\bguardian|"
    r"\bbeneficiary|\bpartner|\bwife|\bhusband|\bson|\bdaughter|\bmother|\bfather|\bbrother|\bsister|\bfriend|"
    r"\bcolleague|"
    r"\bboss|\bmanager|\bassistant(?: to)?|\bagent|\bsigned(?: by)?|\bc/o|\bfollow up with|\bcc|\bfrom|\bto|\bon "
    r"behalf of|\badd|"
    r"\bunder|\bdirected by|\bwritten by|\bby|\btribute to|\bproducer|\bdirector|\bauthor|\bsinger|\bactor|"
    r"\bpresident|\bdriver|"
    r"\brecipient|\brequested by|\bordered by|\bsold to|\bship to|\bbill to|\bmaiden name is|\bearly|\bsays|\bsaid|"
    r"\bstarring|"
    r"\bex-\w{2,20}|\bverses from|\bgave|\bgiven|\btold|\basked|\bmet|\bmarried|\bfan of|\bemployee|\bpatient|"
    r"\bshopper|\bbuyer)"
    r"[ ,:\"'>*-]{0,5}$",
    re.IGNORECASE,
)
"""What a person follows."""
AFTER: Final = re.compile(
    rf"['\u2019]s (?:address|phone|email|account|card|order|daughter|son|wife|husband|mother|father|name|house|"
    rf"number|request|"
    rf"birthday|partner|parcel|refund|novel|book|song|album)|,? (?:who|whose) |,? (?:has |had )?{SPEAKING}\b|[:,] "
    rf"?\\?[\"\u201c]|"
    r" (?:is|was|comes|came) from\b| concert\b| fan\b| novel\b| version\b| at \d",
    re.IGNORECASE,
)
"""What follows a person."""
PLACE_BEFORE: Final = re.compile(
    r"(?:\b(?:in|from|near|visit(?:ing|ed)?|to|at|around|outside|towards?|into|city(?: of)?|town(?: of)?|village(?: "
    r"of)?|country|"
    r"arriv(?:ed|ing) (?:at|in)|mov(?:ed|ing) (?:here )?(?:to|from)|via|across|throughout|through|where:))[ "
    r"]{0,2}(?:the )?$",
    re.IGNORECASE,
)
PLACE_SURELY: Final = re.compile(
    r"(?:\b(?:in|near|around|outside|into|towards?|throughout|across|visit(?:ing|ed)?|(?:city|town|village|country|"
    r"country of|city of|"
    r"town of)|where:|(?:originally|is|am|are|was|were|come|comes|came|back) from|"
    r"(?:mov|arriv|travel|fly|drov|driv|relocat|return)\w* (?:here |back |over )?(?:to|from|at|in))|coming to|trip "
    r"to|^in)[ ]{0,2}(?:the )?$",
    re.IGNORECASE,
)
"""What a place follows, and hardly ever a person."""
COMPANY_BEFORE: Final = re.compile(
    r"(?:\b(?:at|joined|company|employer|firm|supplier|brand|office of|address of|became|works for|work for|"
    r"recorded for|"
    r"owned by|acquired by|subsidiary of|invested in|founded))[ ]{0,2}(?:the )?$",
    re.IGNORECASE,
)
COMPANY_AFTER: Final = re.compile(
    r" (?:office|offices|headquarters|company|invested|announced|employees|employs|team|is the brainchild|is a \d|"
    r"shares|stock\b|"
    r"acquired|merged|corporation|website|store)\b",
    re.IGNORECASE,
)
PROFESSION: Final = re.compile(
    r"(?:, (?:the|an?|our|their|his|her|your) |\n[>? ]{0,4})(?P<title>[A-Za-z][a-z-]+(?:(?:,? (?:and |or )?|"
    r"/)[A-Za-z-]+){0,8}?)(?=, (?:said|says|who|was|is)\b|\n|, \\?\")"
)

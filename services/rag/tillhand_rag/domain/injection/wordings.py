"""How those write who give orders to a model: to drop its instructions, to be another, to tell what it should keep."""

from __future__ import annotations

from typing import NamedTuple

from tillhand_rag.domain.injection.suspicion import SuspicionKind


class Wording(NamedTuple):
    """A pattern over lower case without accents. One of `words`, or of the `signs`, stands wherever it matches.

    Where the pattern has a group `said`, what stands before that is only there to find a beginning.
    """

    kind: SuspicionKind
    score: float
    pattern: str
    words: frozenset[str]
    signs: tuple[str, ...]


def _wording(kind: SuspicionKind, score: float, words: str, *pattern: str, signs: tuple[str, ...] = ()) -> Wording:
    return Wording(kind, score, "".join(pattern), frozenset(words.split()), signs)


_GAP = r"(?:[\w'-]+[ ,]+){0,4}"
_DROP = (
    r"(?:ignore|disregard|forget|override|overrule|bypass|discard|neglect|abandon|circumvent|pay no attention to"
    r"|(?:do not|don't|stop|never) (?:follow|obey|heed|listen to|obeying|following))"
)
_ORDERS = r"(?:instruct\w*|prompts?|directions?|directives?|commands?|guidelines?|rules?|guardrails?|programming)"
_EARLIER = r"(?:previous|prior|earlier|above|preceding|foregoing|former|initial|original|system|existing|your)"
_KEPT = r"(?:(?:system|hidden|secret|initial|original|developer|internal|full|entire|exact|own) )"
_TELL = (
    r"(?:reveal|show|print|output|repeat|display|leak|disclose|share|tell|send|give|expose|dump|quote|recite|list|return"
    r"|include|write|provide|state|describe|summari[sz]e|explain|what (?:is|are|were))"
)
_SEND = r"(?:send|forward|post|upload|e-?mail|transmit|exfiltrate|submit|leak|append|share)"
_PRIVATE = (
    r"(?:conversation|chat history|chat log|previous messages|api[- ]?keys?|passwords?|credentials?|secrets?"
    r"|access tokens?|session (?:id|token|cookie)s?|cookies|environment variables|system prompt|credit card"
    r"|user'?s? (?:data|details|input|question|query|name|e-?mail|messages))"
)
_PLACE = r"(?:https?://|www\.|[\w.+-]{1,64}@\w|[\w-]{1,63}\.(?:com|net|org|io|xyz|ru|info|example)\b)"
_START = r"(?:^|[\n.!?:;)>*•-][ \t]*|\b(?:please|now|you must|you should|you will),? )"
_MACHINE = r"(?:ai|ai (?:assistant|agent|model)s?|language models?|llms?|chatbots?|assistant)\b"
_WHOM = r"(?:users?|humans?|anyone|customers?)"
_TURN = r"[ ]?:[^\n]*\n(?:[^\n]*\n){0,6}?[ \t]*"
_SAY = r"(?:say|reply|respond|answer|output|print|write|tell)"
_PUT = r"(?:add|include|insert|append|integrate|put|mention|place|work|slip|weave|embed|incorporate)"

_DROPPING = (
    "ignore disregard forget override overrule bypass discard neglect abandon circumvent attention follow obey heed "
    "listen obeying following"
)

_OVERRIDES = (
    _wording(
        "override",
        1.0,
        _DROPPING,
        rf"\b{_DROP} (?:{_GAP}{_EARLIER} {_GAP}{_ORDERS}\b",
        r"|(?:all|any|the|these|those|every) (?:of )?(?:the )?(?:instructions|prompts?|directives)\b",
        r"|(?:all|everything|anything|what)\b[^.!?\n]{0,40}\b(?:above|before|previously|so far|told)\b",
        r"|(?:(?:all|the) )?(?:above|previous|preceding|foregoing)(?= and\b|[.,:;!]|$)",
        r"|the (?:(?:real|actual) )?user(?:'s (?:\w+ ){0,2}(?:question|request|query|task))?\b)",
    ),
    _wording(
        "override",
        0.9,
        "instruction instructions prompt prompts directive directives objective objectives",
        r"\bnew (?:system )?(?:instruction|prompt|directive|objective)s?[ ]?:|\b(?:your|here are|these are) ",
        r"(?:the |your )?(?:real |actual |true |only |updated )?new (?:instructions|objective)\b",
    ),
    _wording(
        "override",
        0.9,
        "instead rather",
        r"(?:^|[.!?;\n] ?)(?P<said>(?:instead|(?:instead of|rather than) ",
        r"(?:answering|summari[sz]ing|responding|translating)[^,.\n]{0,60}),? ",
        rf"(?:just |only |simply )?{_SAY}\b)",
    ),
    _wording(
        "override",
        1.0,
        "mention mentioning tell telling inform informing alert alerting notify notifying reveal revealing",
        rf"\b(?:do not|don't|never|without) (?:mention|tell|inform|alert|notify|reveal)(?:ing)? {_GAP}{_WHOM} {_GAP}",
        r"(?:these|this|the hidden) (?:instructions?|message|note|prompt|request)\b",
    ),
    _wording(
        "override",
        1.0,
        "ignorier ignoriere ignorieren ignoriert vergiss vergesst vergessen missachte missachten missachtet",
        r"\b(?:ignorier\w*|vergiss|vergesst|vergessen sie|missachte\w*) (?:\w+ ){0,4}",
        r"(?:anweisung\w*|instruktion\w*|vorgaben|befehl\w*)",
    ),
    _wording(
        "override",
        1.0,
        "ignore ignorer ignorez oublie oublier oubliez",
        r"\b(?:ignore[rz]?|oublie[rz]?) (?:\w+ ){0,3}(?:instructions|consignes|directives)\b",
    ),
    _wording(
        "override",
        1.0,
        "ignora ignore olvida olvide descarta descarte dimentica esqueca desconsidere",
        r"\b(?:ignor[ae]|olvid[ae]|descart[ae]|dimentica|esqueca|desconsidere) (?:\w+ ){0,3}",
        r"(?:instruc(?:cion|o)\w+|indicaciones|istruzioni)\b",
    ),
    _wording(
        "override",
        1.0,
        "negeer vergeet zignoruj zapomnij",
        r"\b(?:negeer|vergeet|zignoruj|zapomnij) (?:\w+ ){0,3}",
        r"(?:instructies|opdrachten|aanwijzingen|instrukcj\w+|polecen\w+)\b",
    ),
    _wording(
        "override",
        1.0,
        "",
        r"忽略.{0,8}(?:指令|指示|提示)|(?:指示|命令).{0,4}(?:無視|忘れ)",
        signs=("忽略", "無視", "忘れ"),
    ),
)
_ROLES = (
    _wording(
        "role",
        1.0,
        "",
        r"<\|[a-z_]{2,24}\|>|\[/?inst\]|<</?sys>>|<(?:start|end)_of_turn>",
        signs=("<|", "inst]", "sys>", "_turn>"),
    ),
    _wording(
        "role",
        0.9,
        "",
        r"^[ \t]*#{2,4} ?(?:instructions?|system|human|assistant|user|response)[ ]?:",
        r"|</?(?:system|system_prompt|instructions?|prompt|assistant|human|important)>",
        signs=("##", ">"),
    ),
    _wording(
        "role",
        0.9,
        "human user",
        rf"^[ \t]*(?:(?:human|user){_TURN}(?:assistant|ai|system)|(?:assistant|system){_TURN}(?:human|user))[ ]?:",
    ),
    _wording(
        "role",
        0.9,
        "now henceforth longer ai assistant chatbot model llm",
        r"\byou are (?:(?:now|from now on|henceforth|no longer)[ ,]+",
        r"(?:an? |the |called |named |acting |free |dan\b|unrestricted|my )",
        r"|(?:an? |the )?(?:[\w-]+ ){0,3}(?:ai|assistant|chatbot|language model|llm)\b)",
    ),
    _wording(
        "role",
        0.9,
        "pretend playing play roleplay roleplaying act",
        r"\bpretend (?:to be|that you|you are|you're)\b|\brole-?play(?:ing)? as\b",
        rf"|{_START}(?P<said>act (?:as|like) (?:an? |if you|though you|my ))",
    ),
    _wording(
        "role",
        0.9,
        "now dan god jailbreak jailbroken unrestricted unfiltered",
        r"\bfrom now on,? (?:you (?:are|will|must)|respond|answer|act|speak|reply|only|always)\b",
        r"|\b(?:dan|god|jailbreak|jailbroken|unrestricted|unfiltered) mode\b",
    ),
    _wording(
        "role",
        0.9,
        "ai model models llm llms chatbot chatbots assistant system",
        r"\b(?:attention|note|message|instructions?|notice|dear|hey|hello)[ :,]+(?:to |for )?(?:the |all |any )?",
        rf"{_MACHINE}|\bif you(?:'re| are) (?:an? )?(?:[\w-]+ ){{0,2}}{_MACHINE}|\bas an? (?:ai|language) model\b",
        r"|\bsystem (?:note|instruction|override|directive)s?[ ]?:",
    ),
)
_EXFILTRATIONS = (
    _wording(
        "exfiltration",
        1.0,
        "prompt prompts instructions guidelines window",
        rf"\b{_TELL} {_GAP}(?:your {_KEPT}{{0,2}}(?:prompts?|instructions|guidelines|context window)",
        rf"|(?:the|its|any|all) {_KEPT}{{1,2}}(?:prompts?|instructions)",
        r"|(?:system|hidden|secret|initial|developer) (?:prompts?|instructions))\b",
    ),
    _wording(
        "exfiltration",
        1.0,
        "send forward post upload email mail transmit exfiltrate submit leak append share",
        rf"\b{_SEND} {_GAP}{_PRIVATE}[^\n]{{0,60}}?{_PLACE}",
    ),
    _wording(
        "exfiltration",
        0.9,
        "",
        r"!\[[^\]\n]{0,120}\]\(https?://[^)\s]{1,200}\?[^)\s]{0,200}=",
        signs=("](http",),
    ),
)
_REQUESTS = (
    _wording(
        "reply",
        0.8,
        "reply respond answer speak",
        rf"{_START}(?P<said>(?:only |always |just )?(?:reply|respond|answer|speak)",
        r"(?: only| just| always| exclusively)? (?:in|using|as|like|only)\b)",
        r"|(?<!we )(?<!they )(?<!not )(?:reply|respond|answer) only with\b",
    ),
    _wording(
        "reply",
        0.8,
        "document resume cv email message page text article content file",
        r"\b(?:when|before|while|after|if) (?:you |you are )?",
        r"(?:summari[sz]|process|analy[sz]|evaluat|translat|pars)\w{1,4} this ",
        r"(?:document|resume|cv|email|message|page|text|article|content|file)\b",
    ),
    _wording(
        "reply",
        0.8,
        "response responses reply replies answer answers output outputs",
        rf"\b{_PUT}\b[^.!?\n]{{1,160}}\b(?:in|into|to|within|at the end of) your (?:next |final |own )?",
        r"(?:response|reply|replie|answer|output)s?\b",
    ),
    _wording(
        "task",
        0.7,
        "me",
        rf"{_START}(?P<said>(?:show|tell|give|teach|write|make|find|draw|draft|recommend|suggest|sing|read|explain to)",
        r" me\b)",
    ),
)
WORDINGS: tuple[Wording, ...] = (*_OVERRIDES, *_ROLES, *_EXFILTRATIONS, *_REQUESTS)

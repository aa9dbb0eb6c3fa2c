"""What of a web page is the page's own text, and what stands around it on every page of its site."""

from __future__ import annotations

import re

from selectolax.lexbor import LexborNode

_ROLES = frozenset("navigation banner contentinfo search complementary menu menubar dialog alertdialog".split())
_TAGS = frozenset("nav aside footer menu dialog search".split())
_NAMES = re.compile(
    r"(?:^|[\s_-])(?:nav|navbar|navigation|menu|breadcrumbs?|sidebar|side-bar|footer|masthead|cookies?|consent|gdpr|banner|advert\w*"
    r"|ads?|sponsor\w*|promo|newsletter|subscribe|subscription|signup|share|sharing|social|related|recommend\w*|comments?|disqus"
    r"|pagination|pager|skip-?(?:link|to-content)|popup|modal|toolbar|toc|widgets?|outbrain|taboola|paywall"
    r"|tags|share-?(?:bar|tools?|links?|buttons?)|gallery|carousel|slideshow|playlist|teasers?|recirc\w*|trending"
    r"|promo(?!tion)\w*|most-?(?:popular|read|viewed|recent)|more-?(?:from|on|like-this)|read-?(?:more|next)|up-?next"
    r"|(?:latest|recent|popular|more|other|featured)-?(?:posts?|articles?|news|stories|headlines|videos?)|also-?(?:like|read)"
    r"|(?:post|entry|article|story|news|publish(?:ed)?|pub)[_-]?(?:meta\w*|date|info|tags|author|footer|tools)|dateline|timestamp"
    r"|posted-?on|by-?line|author-?(?:bio|box|info)|bio|copyright|(?:dn|no|hidden|hide(?:-(?:on|for))?)-?print"
    r"|print-(?:hide|none|header|footer|logo|tools?|dialogue\w*|button|only)"
    r"|(?:article|embed|fig|figure|gallery|hero|image|img|inline|lead|main|media|photo|picture|slide|story|video|wp)[\w-]*(?:caption|credit)s?"
    r"|caption-?(?:body|container|content|credit|inner|text|title|wrap\w*))(?:$|[\s_-])",
    re.IGNORECASE,
)
_ROOTS = (
    "main",
    "[role=main]",
    "article",
    "[itemprop=articleBody]",
    "#content",
    "#main",
    "#main-content",
    ".content",
    ".post",
)
_CONTENT = frozenset({"html", "body", "main", "article"})
_CONTAINERS = frozenset({"div", "section", "article", "main", "center"})
_UNREAD = frozenset("a script style template noscript svg button select option nav header footer aside form".split())
_LISTS = frozenset({"ul", "ol"})
_ROOT_SHARE = 0.3
_DESCENT_SHARE = 0.85
_BOILERPLATE_SHARE = 0.4
_LINKED_SHARE = 0.6
_LEAST_LINKS = 2
_LEAST_PROSE = 500


class PageText:
    """Tells a page's own text from its boilerplate, by the share of the page's prose that an element holds."""

    def __init__(self, body: LexborNode) -> None:
        self._body = body
        self._prose: dict[int, int] = {}
        self._measure(body)
        self._total = self._length(body)

    def root(self) -> LexborNode:
        """The element that holds the page's text: main or article when it does, otherwise where the body's prose is."""
        for selector in _ROOTS:
            best = max(self._body.css(selector), key=self._length, default=None)
            if best is not None and self._length(best) >= max(_ROOT_SHARE * self._total, 1):
                return self._narrowed(best)
        return self._narrowed(self._body)

    def is_boilerplate(self, node: LexborNode) -> bool:
        """Whether the element is navigation, a site's header or footer, or an offer: by tag, role, name or links."""
        tag = node.tag or ""
        if tag in _CONTENT or self._length(node) > _BOILERPLATE_SHARE * self._total:
            return False
        attributes = node.attributes
        if tag in _TAGS or (attributes.get("role") or "") in _ROLES:
            return True
        if tag == "header":
            return not _inside_article(node)
        names = f"{attributes.get('id') or ''} {attributes.get('class') or ''}"
        return _NAMES.search(names) is not None or self._is_links(node)

    def _is_links(self, node: LexborNode) -> bool:
        """Whether it is a list of links on a page that has more to say than where to go on."""
        if node.tag not in _LISTS or self._total < _LEAST_PROSE:
            return False
        links = [_characters(link) for link in node.css("a")]
        return len(links) >= _LEAST_LINKS and sum(links) >= _LINKED_SHARE * _characters(node)

    def _narrowed(self, node: LexborNode) -> LexborNode:
        """The innermost container that still holds nearly all of the element's prose."""
        bound = _DESCENT_SHARE * self._length(node)
        while bound:
            inner = next(
                (child for child in node.iter() if child.tag in _CONTAINERS and self._length(child) >= bound), None
            )
            if inner is None:
                break
            node = inner
        return node

    def _length(self, node: LexborNode) -> int:
        return self._prose.get(node.mem_id, 0)

    def _measure(self, body: LexborNode) -> None:
        """Characters of prose under every element: its running text, without that of links and scripts."""
        stack = [(body, False)]
        while stack:
            node, measured = stack.pop()
            children = list(node.iter(include_text=True))
            if measured:
                self._prose[node.mem_id] = sum(self._own(child) for child in children)
            else:
                stack.append((node, True))
                stack.extend((child, False) for child in children if child.is_element_node and child.tag not in _UNREAD)

    def _own(self, child: LexborNode) -> int:
        if child.is_text_node:
            return len((child.text_content or "").strip())
        return self._length(child)


def _characters(node: LexborNode) -> int:
    return len(node.text(deep=True, separator=" ", strip=True))


def _inside_article(node: LexborNode) -> bool:
    parent = node.parent
    while parent is not None:
        if parent.tag in {"article", "main"}:
            return True
        parent = parent.parent
    return False

"""Stories are Markdown; what comes out is a short list of harmless tags and nothing that htmx would act on."""

import nh3
from markdown_it import MarkdownIt
from markupsafe import Markup

_TAGS = {"p", "h2", "h3", "h4", "h5", "strong", "em", "ul", "ol", "li", "blockquote", "a", "br", "hr"}
_markdown = MarkdownIt("commonmark", {"html": False}).disable(["image", "code", "fence"])


def story_html(text: str, top: int = 2) -> Markup:
    """Return sanitised HTML whose first level of headings is h<top>.

    Only `href` survives, only http, https and mailto links, so no class, id, style, hx-* or data-* does.
    """
    tokens = _markdown.parse(text)
    for token in tokens:
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{top if token.tag in {'h1', 'h2'} else top + 1}"
    html = _markdown.renderer.render(tokens, _markdown.options, {})
    safe = nh3.clean(
        html,
        tags=_TAGS,
        attributes={"*": set(), "a": {"href"}},
        url_schemes={"http", "https", "mailto"},
        url_relative="deny",
        link_rel="nofollow ugc noopener noreferrer",
    )
    return Markup(safe)  # noqa: S704 - the one place that marks people's text as safe, straight from the sanitiser

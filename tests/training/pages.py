"""Read a page back: what stands in it, and where."""

from html.parser import HTMLParser


class Page(HTMLParser):
    """What stands in a page: tags with their attributes, scripts, styles, and the text outside of both."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.inside: list[str] = []
        self.blocks: list[tuple[str, str]] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {k: v or "" for k, v in attrs}))
        if tag in {"script", "style"}:
            self.blocks.append((tag + dict(self.tags[-1][1]).get("type", ""), ""))
            self.inside.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in {"script", "style"}:
            self.inside.pop()

    def handle_data(self, data: str) -> None:
        if self.inside:
            name, text = self.blocks[-1]
            self.blocks[-1] = (name, text + data)
        else:
            self.text += data

    def block(self, name: str) -> str:
        [found] = [text for which, text in self.blocks if which == name]
        return found

"""A report's page, parsed."""

from html.parser import HTMLParser


class ReportPage(HTMLParser):
    """The content of a page: tags, ids, references, the cells of each table, and its text."""

    def __init__(self, html: bytes) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.references: list[str] = []
        self.headings: list[str] = []
        self.lines: list[list[str]] = []
        self.text = ""
        self._within: list[str] = []
        self.feed(html.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self._within.append(tag)
        for name, value in attrs:
            if name == "id":
                self.ids.append(value or "")
            if name in ("src", "href", "xlink:href", "srcset", "action", "data", "poster"):
                self.references.append(value or "")
            assert not name.startswith("on")
        if tag == "tr":
            self.lines.append([])
        if tag in ("td", "th"):
            self.lines[-1].append("")
        if tag == "h2":
            self.headings.append("")

    def handle_endtag(self, tag: str) -> None:
        while self._within and self._within.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        self.text += data
        if "h2" in self._within:
            self.headings[-1] += data
        if "td" in self._within or "th" in self._within:
            self.lines[-1][-1] += data

    def line(self, *beginning: str) -> list[str]:
        """The first table line that begins so."""
        return next(line for line in self.lines if tuple(line[: len(beginning)]) == beginning)

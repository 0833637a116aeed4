"""What is printed: tables of Markdown."""


class Table:
    """Lines of Markdown, printed as they come and kept for the file."""

    def __init__(self):
        self.lines = []

    def add(self, line=""):
        print(line, flush=True)
        self.lines.append(line)

    def row(self, *cells):
        self.add("| " + " | ".join(cells) + " |")

    def head(self, *cells):
        self.row(*cells)
        self.add("|" + "---|" * len(cells))

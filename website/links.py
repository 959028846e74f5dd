"""Links of the pages, pure: what lies outside docs/ becomes a page of the site, or an address in the repository."""

from __future__ import annotations

import posixpath
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGES = {
    "README.md": "index.md",
    "tap-intervals-icu/README.md": "reference/tap-intervals-icu.md",
    "target-influxdb/README.md": "reference/target-influxdb.md",
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "SECURITY.md": "security.md",
}
"""Files of the project, and the pages that show them."""
LINK = re.compile(r"(!?)\[((?:[^\[\]]|\[[^\]]*\])*)\]\((?!\w+:)([^)#\s]*)(#[^)\s]*)?\)")
FENCE = re.compile(r"(^```.*?^```|`[^`\n]*`)", re.MULTILINE | re.DOTALL)


class BrokenLinkError(Exception):
    """A page names a file that does not exist."""


def to_site(text: str, source: str, page: str, repository: str) -> str:
    """Return a page's text with its links as the site needs them.

    `source` is the file it comes from and `page` the page it becomes, relative to the project and to docs/;
    `repository` may be empty: then what is only there is named without a link.

    Raises:
        BrokenLinkError: A link leads nowhere.
    """

    def replaced(match: re.Match[str]) -> str:
        picture, label, path, anchor = match[1], match[2], match[3], match[4] or ""
        if not path:
            return match[0]
        target = posixpath.normpath(posixpath.join(posixpath.dirname(source), path))
        if not (ROOT / target).exists():
            raise BrokenLinkError(f"{source}: {path} does not exist.")
        shown = PAGES.get(target) or (target.removeprefix("docs/") if target.startswith("docs/") else "")
        if target == "README.md" and anchor:  # the site's first page is another one
            shown = ""
        if not shown:
            kind = "tree" if (ROOT / target).is_dir() else "blob"
            return f"[{label}]({repository}/{kind}/main/{target}{anchor})" if repository else label
        shown = posixpath.relpath(shown, posixpath.dirname(page) or ".")
        return f"{picture}[{label}]({shown}{anchor})"

    parts = FENCE.split(text)  # every second part is code
    return "".join(part if number % 2 else LINK.sub(replaced, part) for number, part in enumerate(parts))

"""Build the documentation site into build/docs: `make docs`.

The site's own address and the repository's come from DOCS_URL and REPOSITORY_URL, if these are set.
The pages are gathered first, in plain Markdown: no generator of sites has to know how they are made.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

from website.links import PAGES, ROOT, BrokenLinkError, to_site
from website.reference import pages

GATHERED = ROOT / "build" / "website"


def gather(repository: str) -> None:
    """Write all pages to build/website: docs/, the packages' READMEs and the like, and the reference.

    Raises:
        BrokenLinkError: A link leads nowhere.
    """
    shutil.rmtree(GATHERED, ignore_errors=True)
    shutil.copytree(ROOT / "docs", GATHERED)
    sources = {path.relative_to(ROOT / "docs").as_posix(): path for path in sorted((ROOT / "docs").rglob("*.md"))}
    sources |= {page: ROOT / source for source, page in PAGES.items() if source != "README.md"}
    made = {
        page: to_site(path.read_text(encoding="utf-8"), path.relative_to(ROOT).as_posix(), page, repository)
        for page, path in sources.items()
    }
    for page, text in (made | pages()).items():
        path = GATHERED / page
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def main() -> int:
    """Return 0 when the site is built without a warning."""
    try:
        gather(os.environ.get("REPOSITORY_URL", "").rstrip("/"))
    except BrokenLinkError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    command = [sys.executable, "-m", "mkdocs", "build", "--quiet", "--strict", "-f", str(ROOT / "website/mkdocs.yml")]
    return subprocess.run(command, env=os.environ | {"NO_MKDOCS_2_WARNING": "1"}, check=False).returncode  # noqa: S603 - our own command


if __name__ == "__main__":
    sys.exit(main())

"""The setting `url`. What it says may hold a password, so no message repeats it."""

from __future__ import annotations

import re
from urllib.parse import SplitResult, unquote, urlsplit

HOST = re.compile(r"[^\s@/]+")


def read_address(text: str, errors: list[str]) -> tuple[str, str, str]:
    """Return the address that may be logged, the user, and the password; mistakes go to `errors`."""
    try:
        parts = urlsplit(text.strip())
        parts.port  # noqa: B018 - raises ValueError where the port is no number
        mistake = _mistake(parts)
    except ValueError:
        mistake = "not an address: port or host can't be read; in a password write / as %2F, # as %23, ? as %3F"
    if mistake:
        errors.append(f"url: {mistake}.")
        return "", "", ""
    host = parts.netloc.rpartition("@")[2]
    clean = parts._replace(netloc=host, path=parts.path.rstrip("/")).geturl()
    return clean, unquote(parts.username or ""), unquote(parts.password or "")


def _mistake(parts: SplitResult) -> str:
    if parts.scheme not in {"http", "https", "file"}:
        return "must start with http://, https:// or file://"
    if parts.query or parts.fragment:
        return "must have no ? and no #; write them as %3F and %23, and give credentials by their own settings"
    if parts.scheme == "file":
        is_folder = not parts.netloc and parts.path.strip("/") and parts.path.startswith("/")
        return "" if is_folder else "a folder is file:// and its whole path, as in file:///var/points"
    if not HOST.fullmatch(parts.hostname or ""):
        return "names no host"
    return "has an @ after the host; in a password write / as %2F" if "@" in parts.path else ""

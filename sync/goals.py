"""The goals of the year, written into the board that measures the year against them."""

from __future__ import annotations

import json
import re

import click

NAMES = ("km", "hours", "load")
"""The board's variables, which are 0 where there is no goal."""
GOAL = re.compile(r"(\w+)\s*=\s*(\d+)")


def parse(text: str) -> dict[str, str]:
    """Read `km=5000, hours=300, load=12000`, any of them.

    Raises:
        click.ClickException: It is something else.
    """
    parts = [part.strip() for part in text.split(",") if part.strip()]
    found = [GOAL.fullmatch(part) for part in parts]
    for part, match in zip(parts, found, strict=True):
        if not match or match[1] not in NAMES:
            raise click.ClickException(
                f"STACK_GOALS: {part!r} is no goal. Write whole numbers for any of {', '.join(NAMES)}, such as "
                "km=5000,hours=300."
            )
    return {match[1]: match[2] for match in found if match}


def with_goals(board: bytes, goals: dict[str, str]) -> bytes:
    """Return the board, any of them, with these goals at first."""
    content = json.loads(board)
    for variable in content["templating"]["list"]:
        if goal := goals.get(variable["name"]):
            variable["query"] = goal
            variable["current"] = {"selected": True, "text": goal, "value": goal}
    return json.dumps(content, indent=1, ensure_ascii=False, sort_keys=True).encode() + b"\n"

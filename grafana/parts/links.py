"""Links between boards, and to Intervals.icu."""

from __future__ import annotations

from grafana_foundation_sdk.models.dashboard import DashboardLink, DashboardLinkType

DATABASE = "var-datasource=${datasource}"
CHOICE = f"{DATABASE}&${{athlete:queryparam}}"
"""Variables that every link takes along."""


def uid_of(board: str) -> str:
    """Return the uid of a board, made of the first word of its title."""
    return f"intervals-{board.split(maxsplit=1)[0].lower()}"


def to_board(board: str, *parameters: str, words: str = "", choice: str = CHOICE) -> DashboardLink:
    """Return a link of a value to the board with this title; `parameters` may name fields of its row."""
    url = f"/d/{uid_of(board)}?{'&'.join([choice, *parameters])}"
    return DashboardLink(words or f"Open {board}", DashboardLinkType("link"), url=url)


def to_activity() -> DashboardLink:
    """Return a link to an activity's board with its very time range; the row needs the id, and `end` (`with_end`)."""
    return to_board(
        "Activity",
        "var-activity=${__data.fields.id}",
        "from=${__data.fields.Time.numeric}",
        "to=${__data.fields.end.numeric}",
        words="Open the activity",
    )


def to_intervals() -> DashboardLink:
    """Return a link of an activity's id to Intervals.icu."""
    url = "https://intervals.icu/activities/${__value.raw}"
    return DashboardLink("Open in Intervals.icu", DashboardLinkType("link"), url=url, target_blank=True)

"""What is wrong with the sync, in words, where people look: a panel of two boards."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grafana_foundation_sdk.models import common, table

from grafana.parts.panels import Look, note, override, panel
from grafana.parts.query import ATHLETE, newest
from grafana.parts.tables import HIDDEN, step

if TYPE_CHECKING:
    from grafana_foundation_sdk.models.dashboard import Panel

RECENT = "time > now() - 6h AND time < now() + 1h"
"""Longer than any run or pause within one; sync_runs are in true UTC."""
SILENCE = (
    "No run of the sync service has ended in the last 6 hours. Just started: wait a few minutes. Otherwise: docker "
    "compose logs sync"
)
HELP = """
**Every panel shows an error?** The database is down or full. `docker compose ps` shows whether `influxdb` is up,
`docker compose logs influxdb` why not, `df -h` whether the disk is full; `docker compose up -d` starts it again. What
the sync could not store meanwhile comes with its next run.
"""


FIRST = (step("merge"), step("limit", limitField="1"))
"""The first of several queries that found something."""
NEWEST = newest("sync_runs", '"message"', ["message"], RECENT, outside=[RECENT], mark="success")
OF_ATHLETE = newest(
    "sync_athletes",
    '"message"',
    ["message", "outcome"],
    ATHLETE,
    RECENT,
    outside=["\"outcome\" != 'skipped'", RECENT],
    mark="success",
)
"""Skipped means that the athlete was not looked at: then what is said of the whole run has to do."""


def sync_message(*, of_athlete: bool = False) -> Panel:
    """Return the sentence that the newest run left: that all is well, or what is wrong and what to do."""
    cell = {"cellOptions": {"type": "color-text", "wrapText": True}, "wrapText": True}  # Grafana before and after 12.2
    about = (
        "Is anything wrong with my sync, and what helps? What the newest run of the sync service said of the chosen "
        "athlete, if it is less than 6 hours old. Unit: words. Source: sync_athletes, else sync_runs, field message."
        if of_athlete
        else "Is anything wrong with the sync, and what helps? What the newest run of the sync service said, if it is "
        "less than 6 hours old. Unit: words. Source: sync_runs, one point per run, field message."
    )
    return panel(
        "table",
        "Sync",
        about,
        (OF_ATHLETE, NEWEST) if of_athlete else NEWEST,
        size=(24, 3),
        look=Look(words={"All is well.": ("All is well.", "green")}, color="orange", nothing=SILENCE),
        options=table.Options(show_header=False, cell_height=common.TableCellHeight("sm")),
        custom=common.TableFieldOptions(align=common.FieldTextAlignment("left")),
        transform=FIRST if of_athlete else (),
        overrides=(override("^(Time|success)$", pattern=True, custom=HIDDEN), override("message", custom=cell)),
    )


WHEN_NOTHING_IS_SHOWN = note(
    "When nothing is shown",
    HELP,
    about="What is wrong when no panel gets an answer? Unit: words. Source: this text.",
    size=(24, 4),
)
"""What to do when the database can't even be asked."""

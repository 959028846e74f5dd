# ruff: noqa: PLR0913 - a panel has many options; they go by name
"""Charts over time."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from grafana_foundation_sdk.models import common, statetimeline, timeseries

from grafana.parts.panels import Queries, Shared, mapped, override, panel
from grafana.parts.style import SPORTS, ZONES

if TYPE_CHECKING:
    from grafana_foundation_sdk.models.dashboard import DashboardFieldConfigSourceOverrides as Override
    from grafana_foundation_sdk.models.dashboard import Panel
    from typing_extensions import Unpack

RIGHT: dict[str, object] = {"axisPlacement": "right"}
POINTS: dict[str, object] = {"drawStyle": "points", "pointSize": 6}
DASHED: dict[str, object] = {"lineStyle": {"fill": "dash", "dash": [8, 6]}, "lineWidth": 1}


def legend(*, show: bool = True) -> common.VizLegendOptions:
    """Return a legend below the chart, or that there is none."""
    return common.VizLegendOptions(
        display_mode=common.LegendDisplayMode("list"),
        placement=common.LegendPlacement("bottom"),
        show_legend=show,
        calcs=[],
    )


def tooltip() -> common.VizTooltipOptions:
    """All series at once, the largest first."""
    return common.VizTooltipOptions(mode=common.TooltipDisplayMode("multi"), sort=common.SortOrder("desc"))


def lines(
    title: str,
    about: str,
    queries: Queries,
    *,
    areas: bool = False,
    fill: float = 0,
    gap: bool | float = True,
    soft: tuple[float | None, float | None] = (None, None),
    **shared: Unpack[Shared],
) -> Panel:
    """Lines over time.

    `areas` colours the background by the bands; lines break at nulls that take more than `gap` ms (True: never).
    """
    mode = common.GraphThresholdsStyleMode("area") if areas else common.GraphThresholdsStyleMode("off")
    custom = common.GraphFieldConfig(
        draw_style=common.GraphDrawStyle("line"),
        line_width=2,
        fill_opacity=fill,
        show_points=common.VisibilityMode("never" if gap is True else "auto"),  # auto: also one alone between gaps
        span_nulls=gap,
        insert_nulls=False,  # a time step may be longer than a gap; the queries fill in the nulls
        axis_soft_min=soft[0],
        axis_soft_max=soft[1],
        thresholds_style=common.GraphThresholdsStyleConfig(mode),
    )
    options = timeseries.Options(legend=legend(), tooltip=tooltip())
    if areas and not shared["look"].color:
        shared["look"] = replace(shared["look"], color="text")
    shared.setdefault("size", (12, 8))
    return panel("timeseries", title, about, queries, options=options, custom=custom, **shared)


def bars(
    title: str,
    about: str,
    queries: Queries,
    *,
    stacked: bool | str = True,
    **shared: Unpack[Shared],
) -> Panel:
    """Bars over time, stacked; `stacked="percent"` shows shares."""
    mode = {
        True: common.StackingMode("normal"),
        False: common.StackingMode("none"),
        "percent": common.StackingMode("percent"),
    }
    custom = common.GraphFieldConfig(
        draw_style=common.GraphDrawStyle("bars"),
        bar_alignment=common.BarAlignment.AFTER,
        line_width=0,
        fill_opacity=85,
        bar_width_factor=0.85,
        stacking=common.StackingConfig(mode[stacked], "A"),
        axis_soft_min=0,
    )
    options = timeseries.Options(legend=legend(), tooltip=tooltip())
    shared.setdefault("size", (12, 8))
    return panel("timeseries", title, about, queries, options=options, custom=custom, **shared)


def timeline(title: str, about: str, queries: Queries, **shared: Unpack[Shared]) -> Panel:
    """Rows of coloured states over time."""
    options = statetimeline.Options(
        show_value=common.VisibilityMode("auto"),  # the words, where they have room
        merge_values=False,
        row_height=0.85,
        legend=legend(),
        tooltip=tooltip(),
    )
    custom = statetimeline.FieldConfig(line_width=0, fill_opacity=85, span_nulls=False)
    shared.setdefault("size", (12, 8))
    return panel("state-timeline", title, about, queries, options=options, custom=custom, **shared)


def paces(metres: int) -> dict[str, object]:
    """Options of a field of speeds in m/s whose axis reads as pace over so many metres: up is faster.

    An axis of minutes would point the wrong way, and Grafana can't turn one round. So the ticks are speeds with the
    words of their pace. Between ticks nothing is said: the tooltip has the pace from a field with `PACE_TOLD`.
    """
    words: dict[int | str, tuple[str, str]] = {"0": ("stop", "text")}
    for hundredth in range(25, 701, 5) if metres >= KILOMETRE else range(30, 221):
        words[f"{hundredth / 100:g}"] = (_minutes(metres * 100 / hundredth), "text")
    return {"unit": "velocityms", "decimals": 2, "mappings": mapped(words)}


def _minutes(seconds: float) -> str:
    return f"{round(seconds) // 60}:{round(seconds) % 60:02d}"


KILOMETRE = 1000
PACE_DRAWN: dict[str, object] = {"hideFrom": {"tooltip": True, "viz": False, "legend": False}}
PACE_TOLD: dict[str, object] = {
    "hideFrom": {"tooltip": False, "viz": True, "legend": True},
    "axisPlacement": "hidden",
}


def sport_colors() -> list[Override]:
    """Each sport in its colour."""
    return [override(sport, color=tint) for sport, tint in SPORTS.items()]


def zone_colors() -> list[Override]:
    """Each zone in its colour; fields are named Z1 to Z7."""
    return [override(f"Z{index}", color=tint) for index, tint in enumerate(ZONES, 1)]

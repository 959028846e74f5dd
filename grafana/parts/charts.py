# ruff: noqa: PLR0913 - a panel has many options; they go by name
"""Panels with axes: over time, over categories, over another quantity."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from grafana_foundation_sdk.models import (
    barchart,
    common,
    histogram,
    piechart,
    statetimeline,
    timeseries,
    trend,
    xychart,
)

from grafana.parts.panels import Look, Queries, override, panel, reduce
from grafana.parts.style import PERIODS, SPORTS, ZONES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from grafana_foundation_sdk.models.dashboard import DashboardFieldConfigSourceOverrides as Override
    from grafana_foundation_sdk.models.dashboard import DataTransformerConfig, Panel

RIGHT: dict[str, object] = {"axisPlacement": "right"}
POINTS: dict[str, object] = {"drawStyle": "points", "pointSize": 6}
DASHED: dict[str, object] = {"lineStyle": {"fill": "dash", "dash": [8, 6]}, "lineWidth": 1}


def legend(*calculations: str, right: bool = False, show: bool = True) -> common.VizLegendOptions:
    """A legend; with calculations (mean, min, max, sum) as a table."""
    return common.VizLegendOptions(
        display_mode=common.LegendDisplayMode("table") if calculations else common.LegendDisplayMode("list"),
        placement=common.LegendPlacement("right") if right else common.LegendPlacement("bottom"),
        show_legend=show,
        calcs=list(calculations),
    )


def tooltip() -> common.VizTooltipOptions:
    """All series at once, the largest first."""
    return common.VizTooltipOptions(mode=common.TooltipDisplayMode("multi"), sort=common.SortOrder("desc"))


def lines(
    title: str,
    about: str,
    queries: Queries,
    *,
    size: tuple[int, int] = (12, 8),
    look: Look,
    overrides: Sequence[Override] = (),
    transform: Sequence[DataTransformerConfig] = (),
    calculations: tuple[str, ...] = (),
    areas: bool = False,
    fill: float = 0,
    gap: bool | float = True,
    soft: tuple[float | None, float | None] = (None, None),
    interval: str | None = None,
    axis: str = "",
) -> Panel:
    """Lines over time.

    `areas` colours the background by the bands; lines break where points are further apart than `gap` ms (True: never).
    """
    mode = common.GraphThresholdsStyleMode("area") if areas else common.GraphThresholdsStyleMode("off")
    custom = common.GraphFieldConfig(
        draw_style=common.GraphDrawStyle("line"),
        line_width=2,
        fill_opacity=fill,
        show_points=common.VisibilityMode("never"),
        span_nulls=gap,
        insert_nulls=False if gap is True else gap,
        axis_soft_min=soft[0],
        axis_soft_max=soft[1],
        axis_label=axis or None,
        thresholds_style=common.GraphThresholdsStyleConfig(mode),
    )
    options = timeseries.Options(legend=legend(*calculations), tooltip=tooltip())
    if areas and not look.color:
        look = replace(look, color="text")
    return panel(
        "timeseries",
        title,
        about,
        queries,
        size=size,
        look=look,
        options=options,
        custom=custom,
        overrides=overrides,
        transform=transform,
        interval=interval,
    )


def bars(
    title: str,
    about: str,
    queries: Queries,
    *,
    size: tuple[int, int] = (12, 8),
    look: Look,
    overrides: Sequence[Override] = (),
    stacked: bool | str = True,
    calculations: tuple[str, ...] = (),
    transform: Sequence[DataTransformerConfig] = (),
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
    options = timeseries.Options(legend=legend(*calculations), tooltip=tooltip())
    return panel(
        "timeseries",
        title,
        about,
        queries,
        size=size,
        look=look,
        options=options,
        custom=custom,
        overrides=overrides,
        transform=transform,
    )


def columns(
    title: str,
    about: str,
    queries: Queries,
    *,
    size: tuple[int, int] = (12, 8),
    look: Look,
    overrides: Sequence[Override] = (),
    transform: Sequence[DataTransformerConfig] = (),
    x: str | None = None,
    stacked: bool = True,
    show_value: bool = False,
) -> Panel:
    """Vertical bars over categories such as months; `x` names the field with the categories."""
    options = barchart.Options(
        x_field=x,
        stacking=common.StackingMode("normal") if stacked else common.StackingMode("none"),
        show_value=common.VisibilityMode("always") if show_value else common.VisibilityMode("never"),
        legend=legend(),
        tooltip=tooltip(),
        orientation=common.VizOrientation("auto"),
        x_tick_label_spacing=100,
    )
    return panel(
        "barchart",
        title,
        about,
        queries,
        size=size,
        look=look,
        options=options,
        custom=barchart.FieldConfig(axis_soft_min=0),
        overrides=overrides,
        transform=transform,
    )


def shares(
    title: str,
    about: str,
    queries: Queries,
    *,
    size: tuple[int, int] = (6, 8),
    look: Look,
    overrides: Sequence[Override] = (),
    calculation: str = "sum",
) -> Panel:
    """A ring of shares."""
    options = piechart.Options(
        pie_type=piechart.PieChartType("donut"),
        reduce_options=reduce(calculation),
        display_labels=[],
        legend=piechart.PieChartLegendOptions(
            values=[piechart.PieChartLegendValues("value"), piechart.PieChartLegendValues("percent")],
            display_mode=common.LegendDisplayMode("table"),
            placement=common.LegendPlacement("right"),
            show_legend=True,
        ),
        tooltip=common.VizTooltipOptions(mode=common.TooltipDisplayMode("single")),
    )
    return panel(
        "piechart", title, about, queries, size=size, look=look, options=options, custom={}, overrides=overrides
    )


def distribution(
    title: str, about: str, queries: Queries, *, size: tuple[int, int] = (8, 8), look: Look, bucket: int
) -> Panel:
    """How often which values occur; `bucket` is the width of a class."""
    options = histogram.Options(bucket_size=bucket, legend=legend(show=False), tooltip=tooltip())
    return panel(
        "histogram", title, about, queries, size=size, look=look, options=options, custom=histogram.FieldConfig()
    )


def curve(
    title: str,
    about: str,
    queries: Queries,
    *,
    x: str,
    x_look: dict[str, object],
    size: tuple[int, int] = (8, 9),
    look: Look,
    transform: Sequence[DataTransformerConfig],
    log: bool = False,
) -> Panel:
    """Lines over a quantity on a logarithmic axis, such as best power over duration; `log`: upwards too."""
    scale = common.ScaleDistributionConfig(common.ScaleDistribution("log"), log=10)
    custom = common.GraphFieldConfig(
        line_width=2,
        span_nulls=True,
        show_points=common.VisibilityMode("never"),
        scale_distribution=scale if log else common.ScaleDistributionConfig(common.ScaleDistribution("linear")),
    )
    overrides = [override(x, x_look, custom={"scaleDistribution": scale})]
    overrides += [override(period, color=tint) for period, tint in PERIODS.items()]
    options = trend.Options(x_field=x, legend=legend(), tooltip=tooltip())
    return panel(
        "trend",
        title,
        about,
        queries,
        size=size,
        look=look,
        options=options,
        custom=custom,
        overrides=overrides,
        transform=transform,
    )


def scatter(
    title: str,
    about: str,
    queries: Queries,
    *,
    size: tuple[int, int] = (8, 9),
    look: Look,
    overrides: Sequence[Override],
) -> Panel:
    """Points of two quantities: the first number of the table is x, the others are y."""
    options = xychart.Options(mapping=xychart.SeriesMapping("auto"), series=[{}], legend=legend(), tooltip=_one())  # type: ignore[list-item]  # Grafana saves it so
    custom = xychart.FieldConfig(
        show=xychart.XYShowMode("points"), point_size=xychart.XychartFieldConfigPointSize(fixed=6), fill_opacity=60
    )
    return panel(
        "xychart", title, about, queries, size=size, look=look, options=options, custom=custom, overrides=overrides
    )


def _one() -> common.VizTooltipOptions:
    return common.VizTooltipOptions(mode=common.TooltipDisplayMode("single"))


def timeline(
    title: str,
    about: str,
    queries: Queries,
    *,
    size: tuple[int, int] = (12, 8),
    look: Look,
    overrides: Sequence[Override] = (),
) -> Panel:
    """Rows of coloured states over time."""
    options = statetimeline.Options(
        show_value=common.VisibilityMode("never"),
        merge_values=False,
        row_height=0.85,
        legend=legend(),
        tooltip=tooltip(),
    )
    custom = statetimeline.FieldConfig(line_width=0, fill_opacity=85, span_nulls=False)
    return panel(
        "state-timeline",
        title,
        about,
        queries,
        size=size,
        look=look,
        options=options,
        custom=custom,
        overrides=overrides,
    )


def sport_colors() -> list[Override]:
    """Each sport in its colour."""
    return [override(sport, color=tint) for sport, tint in SPORTS.items()]


def zone_colors() -> list[Override]:
    """Each zone in its colour; fields are named Z1 to Z7."""
    return [override(f"Z{index}", color=tint) for index, tint in enumerate(ZONES, 1)]

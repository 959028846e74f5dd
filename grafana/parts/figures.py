# ruff: noqa: PLR0913 - a panel has many options; they go by name
"""Panels over something else than time: categories, shares, classes, another quantity."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grafana_foundation_sdk.models import barchart, common, histogram, piechart, trend, xychart

from grafana.parts.charts import PACE_DRAWN, PACE_TOLD, legend, paces, tooltip
from grafana.parts.panels import Look, Queries, override, panel, reduce
from grafana.parts.style import PACE, PERIODS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from grafana_foundation_sdk.models.dashboard import DashboardFieldConfigSourceOverrides as Override
    from grafana_foundation_sdk.models.dashboard import DataTransformerConfig, Panel


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
    size: tuple[int, int] = (12, 9),
    look: Look,
    transform: Sequence[DataTransformerConfig],
    pace: int = 0,
) -> Panel:
    """Lines over a quantity on a logarithmic axis, such as best power over duration.

    `pace`: the fields are speeds in m/s, shown as pace over so many metres; the tooltip's are called `42d pace`.
    """
    scale = common.ScaleDistributionConfig(common.ScaleDistribution("log"), log=10)
    custom = common.GraphFieldConfig(
        line_width=2,
        span_nulls=True,
        show_points=common.VisibilityMode("never"),
        scale_distribution=common.ScaleDistributionConfig(common.ScaleDistribution("linear")),
    )
    overrides = [override(x, x_look, custom={"scaleDistribution": scale})]
    for code, period in PERIODS.items():
        drawn: dict[str, object] = {"lineWidth": period.width}
        named: dict[str, object] = {"displayName": period.name, "color": period.color}
        overrides.append(
            override(code, named | (paces(pace) if pace else {}), custom=drawn | (PACE_DRAWN if pace else {}))
        )
        if pace:
            overrides.append(override(f"{code} pace", named, unit=PACE, custom=PACE_TOLD))
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


def trend_lines(
    title: str,
    about: str,
    queries: Queries,
    *,
    x: str,
    size: tuple[int, int],
    look: Look,
    transform: Sequence[DataTransformerConfig],
    overrides: Sequence[Override],
) -> Panel:
    """Lines over a number that is no time, such as the day of the year."""
    custom = common.GraphFieldConfig(
        line_width=2, span_nulls=True, show_points=common.VisibilityMode("never"), axis_soft_min=0
    )
    options = trend.Options(x_field=x, legend=legend(), tooltip=tooltip())
    every = [override(x, unit="none", decimals=0, custom={"axisLabel": x}), *overrides]
    return panel(
        "trend",
        title,
        about,
        queries,
        size=size,
        look=look,
        options=options,
        custom=custom,
        overrides=every,
        transform=transform,
    )

# ruff: noqa: PLR0913 - a panel has many options; they go by name
"""Charts over something else than time: categories, shares, classes, another quantity."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grafana_foundation_sdk.models import barchart, common, histogram, piechart, trend, xychart

from grafana.parts.panels import Queries, Shared, override, panel, reduce
from grafana.parts.style import PACE, PERIODS
from grafana.parts.time_series import PACE_DRAWN, PACE_TOLD, legend, paces, tooltip

if TYPE_CHECKING:
    from grafana_foundation_sdk.models.dashboard import Panel
    from typing_extensions import Unpack


def columns(
    title: str,
    about: str,
    queries: Queries,
    *,
    x: str | None = None,
    stacked: bool = True,
    **shared: Unpack[Shared],
) -> Panel:
    """Vertical bars over categories such as months; `x` names the field with the categories."""
    options = barchart.Options(
        x_field=x,
        stacking=common.StackingMode("normal") if stacked else common.StackingMode("none"),
        show_value=common.VisibilityMode("never"),
        legend=legend(),
        tooltip=tooltip(),
        orientation=common.VizOrientation("auto"),
        x_tick_label_spacing=100,
    )
    shared.setdefault("size", (12, 8))
    return panel(
        "barchart", title, about, queries, options=options, custom=barchart.FieldConfig(axis_soft_min=0), **shared
    )


def shares(title: str, about: str, queries: Queries, **shared: Unpack[Shared]) -> Panel:
    """Return a ring of shares."""
    options = piechart.Options(
        pie_type=piechart.PieChartType("donut"),
        reduce_options=reduce("sum"),
        display_labels=[],
        legend=piechart.PieChartLegendOptions(
            values=[piechart.PieChartLegendValues("value"), piechart.PieChartLegendValues("percent")],
            display_mode=common.LegendDisplayMode("list"),  # a phone shows it below, where a table takes too much
            placement=common.LegendPlacement("right"),
            show_legend=True,
        ),
        tooltip=common.VizTooltipOptions(mode=common.TooltipDisplayMode("single")),
    )
    shared.setdefault("size", (6, 8))
    return panel("piechart", title, about, queries, options=options, custom={}, **shared)


def distribution(title: str, about: str, queries: Queries, *, bucket: int, **shared: Unpack[Shared]) -> Panel:
    """How often which values occur; `bucket` is the width of a class."""
    options = histogram.Options(bucket_size=bucket, legend=legend(show=False), tooltip=tooltip())
    shared.setdefault("size", (8, 8))
    return panel("histogram", title, about, queries, options=options, custom=histogram.FieldConfig(), **shared)


def curve(
    title: str,
    about: str,
    queries: Queries,
    *,
    x: str,
    x_look: dict[str, object],
    pace: int = 0,
    **shared: Unpack[Shared],
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
    shared.setdefault("size", (12, 9))
    shared["overrides"] = overrides
    return panel("trend", title, about, queries, options=options, custom=custom, **shared)


def scatter(title: str, about: str, queries: Queries, **shared: Unpack[Shared]) -> Panel:
    """Points of two quantities: the first number of the table is x, the others are y."""
    options = xychart.Options(mapping=xychart.SeriesMapping("auto"), series=[{}], legend=legend(), tooltip=_one())  # type: ignore[list-item]  # Grafana saves it so
    custom = xychart.FieldConfig(
        show=xychart.XYShowMode("points"), point_size=xychart.XychartFieldConfigPointSize(fixed=6), fill_opacity=60
    )
    shared.setdefault("size", (8, 9))
    return panel("xychart", title, about, queries, options=options, custom=custom, **shared)


def _one() -> common.VizTooltipOptions:
    return common.VizTooltipOptions(mode=common.TooltipDisplayMode("single"))


def trend_lines(title: str, about: str, queries: Queries, *, x: str, **shared: Unpack[Shared]) -> Panel:
    """Lines over a number that is no time, such as the day of the year."""
    custom = common.GraphFieldConfig(
        line_width=2, span_nulls=True, show_points=common.VisibilityMode("never"), axis_soft_min=0
    )
    options = trend.Options(x_field=x, legend=legend(), tooltip=tooltip())
    every = [override(x, unit="none", decimals=0, custom={"axisLabel": x}), *shared.get("overrides", ())]
    shared["overrides"] = every
    shared.setdefault("size", (12, 8))
    return panel("trend", title, about, queries, options=options, custom=custom, **shared)

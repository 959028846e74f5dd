# ruff: noqa: PLR0913 - a panel has many options; they go by name
"""Panels of one value or a few, and what all panels have in common."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypedDict

from grafana_foundation_sdk.models import bargauge, common, dashboard, gauge, stat, text

from grafana.parts.query import SOURCE, InfluxTarget, Query
from grafana.parts.style import PLAIN, Band, Span, Words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from grafana_foundation_sdk.models.dashboard import DashboardFieldConfigSourceOverrides as Override
    from grafana_foundation_sdk.models.dashboard import DashboardLink, DataTransformerConfig
    from typing_extensions import Required, Unpack

Queries = Query | tuple[Query, ...]
Custom = dict[str, object]
NOTHING = "–"  # noqa: RUF001 - what a value that is not there looks like


@dataclass(frozen=True, kw_only=True)
class Look:
    """How the values of a panel look, whatever its type."""

    unit: str = "none"
    decimals: int | None = None
    minimum: float | None = None
    maximum: float | None = None
    bands: tuple[Band, ...] = PLAIN
    words: Words = field(default_factory=dict)
    spans: tuple[Span, ...] = ()
    """Words in place of ranges of numbers."""
    color: str | None = None
    """A colour, or the id of a colour mode such as `thresholds` or `continuous-BlYlRd`."""
    nothing: str = NOTHING
    """Shown where there is no value."""
    links: tuple[DashboardLink, ...] = ()


class Shared(TypedDict, total=False):
    """What every kind of panel takes by name; `panel` says what it means."""

    look: Required[Look]
    size: tuple[int, int]
    overrides: Sequence[Override]
    transform: Sequence[DataTransformerConfig]
    interval: str | None
    points: float | None


def panel(
    kind: str,
    title: str,
    about: str,
    queries: Queries,
    *,
    size: tuple[int, int],
    look: Look,
    options: object,
    custom: object = None,
    overrides: Sequence[Override] = (),
    transform: Sequence[DataTransformerConfig] = (),
    interval: str | None = None,
    points: float | None = None,
) -> dashboard.Panel:
    """Return a panel of any type. `size` is width (of 24) and height; `about` is its question, unit, source, formula.

    The time step of its queries is the range divided by `points` (its width in pixels), and no less than `interval`.
    """
    targets = (queries,) if isinstance(queries, Query) else queries
    return dashboard.Panel(
        type_val=kind,
        title=title,
        description=about,
        datasource=SOURCE,
        targets=[InfluxTarget(query, chr(ord("A") + index)) for index, query in enumerate(targets)],
        grid_pos=dashboard.GridPos(w=size[0], h=size[1]),
        transformations=list(transform) or None,
        interval=interval,
        max_data_points=points,
        options=options,
        field_config=dashboard.FieldConfigSource(defaults=_defaults(look, custom), overrides=list(overrides)),
    )


def sized(panel: dashboard.Panel, width: int, height: int) -> dashboard.Panel:
    """Return the same panel in another size."""
    other = copy(panel)
    other.grid_pos = dashboard.GridPos(w=width, h=height)
    return other


def _defaults(look: Look, custom: object) -> dashboard.FieldConfig:
    return dashboard.FieldConfig(
        unit=look.unit,
        decimals=look.decimals,
        min_val=look.minimum,
        max_val=look.maximum,
        no_value=look.nothing,
        color=color(look.color or ("thresholds" if look.bands != PLAIN else "palette-classic")),
        thresholds=thresholds(look.bands),
        mappings=[*(mapped(look.words) if look.words else ()), *spanned(look.spans)],
        links=list(look.links) or None,
        custom=custom,
    )


def color(name: str) -> dashboard.FieldColor:
    """Return a colour mode by its id, else one fixed colour."""
    if name in {"thresholds", "palette-classic"} or name.startswith("continuous-"):
        return dashboard.FieldColor(mode=dashboard.FieldColorModeId(name))
    return dashboard.FieldColor(mode=dashboard.FieldColorModeId("fixed"), fixed_color=name)


def thresholds(steps: tuple[Band, ...]) -> dashboard.ThresholdsConfig:
    """Bands of values and their colours."""
    return dashboard.ThresholdsConfig(
        mode=dashboard.ThresholdsMode("absolute"), steps=[dashboard.Threshold(start, name) for start, name in steps]
    )


def reduce(calculation: str = "lastNotNull", fields: str = "", *, each: bool = False) -> common.ReduceDataOptions:
    """How a field becomes one value; `each`: every row is a value of its own. No `fields`: the numbers."""
    return common.ReduceDataOptions(values=each, calcs=[calculation], fields=fields)


def value(
    title: str,
    about: str,
    queries: Queries,
    *,
    fields: str = "",
    named: bool = False,
    calculation: str = "lastNotNull",
    each: bool = False,
    **shared: Unpack[Shared],
) -> dashboard.Panel:
    """One value or several as large text, coloured by bands or words only.

    `named` shows the fields' names, `each` every row instead of one of them.
    """
    options = stat.Options(
        graph_mode=common.BigValueGraphMode("none"),
        color_mode=common.BigValueColorMode("value"),
        text_mode=common.BigValueTextMode("value_and_name") if named else common.BigValueTextMode("auto"),
        reduce_options=reduce(calculation, fields, each=each),
        orientation=common.VizOrientation("auto"),
    )
    if shared["look"].bands == PLAIN:
        shared["look"] = replace(shared["look"], color="text")
    shared.setdefault("size", (4, 4))
    return panel("stat", title, about, queries, options=options, **shared)


def moment(title: str, about: str, queries: Queries, **shared: Unpack[Shared]) -> dashboard.Panel:
    """Return the time of a row as large text; its unit says how it is written."""
    return value(title, about, queries, fields="/^Time$/", **shared)


def dial(title: str, about: str, queries: Queries, **shared: Unpack[Shared]) -> dashboard.Panel:
    """Return a value on a dial; `look` needs minimum and maximum."""
    options = gauge.Options(reduce_options=reduce(), sizing=common.BarGaugeSizing("auto"))
    shared.setdefault("size", (4, 5))
    return panel("gauge", title, about, queries, options=options, **shared)


def strips(
    title: str, about: str, queries: Queries, *, calculation: str = "sum", **shared: Unpack[Shared]
) -> dashboard.Panel:
    """Horizontal bars, one a field."""
    options = bargauge.Options(
        display_mode=common.BarGaugeDisplayMode("basic"),
        value_mode=common.BarGaugeValueMode("text"),
        orientation=common.VizOrientation("horizontal"),
        reduce_options=reduce(calculation),
    )
    shared["look"] = replace(shared["look"], minimum=0)
    shared.setdefault("size", (8, 7))
    return panel("bargauge", title, about, queries, options=options, **shared)


def note(title: str, content: str, *, about: str, size: tuple[int, int]) -> dashboard.Panel:
    """Markdown."""
    return dashboard.Panel(
        type_val="text",
        title=title,
        description=about,
        grid_pos=dashboard.GridPos(w=size[0], h=size[1]),
        options=text.Options(mode=text.TextMode("markdown"), content=content),
    )


def override(
    name: str,
    changes: dict[str, object] | None = None,
    *,
    pattern: bool = False,
    custom: Custom | None = None,
    **more: object,
) -> Override:
    """Change the look of one field, or of all whose names match a pattern.

    `changes` and `more` are field options: `unit`, `decimals`, `min`, `displayName`, `color` (a name), `links`,
    `mappings`. `custom` are options of the panel type, such as {"axisPlacement": "right"}.
    """
    options = (changes or {}) | more
    if "color" in options:
        options["color"] = color(str(options["color"]))
    properties = [dashboard.DynamicConfigValue(key, value) for key, value in options.items()]
    properties += [dashboard.DynamicConfigValue(f"custom.{key}", value) for key, value in (custom or {}).items()]
    matcher = dashboard.MatcherConfig("byRegexp" if pattern else "byName", f"/{name}/" if pattern else name)
    return dashboard.DashboardFieldConfigSourceOverrides(matcher=matcher, properties=properties)


def mapped(words: Words) -> list[dashboard.ValueMap]:
    """Words in place of numbers, for `override(..., mappings=mapped(...))`."""
    results = {str(number): dashboard.ValueMappingResult(word, tint) for number, (word, tint) in words.items()}
    return [dashboard.ValueMap(results)]


def spanned(spans: tuple[Span, ...]) -> list[dashboard.RangeMap]:
    """Words in place of ranges of numbers; both ends belong to a range, and the first that fits is taken."""
    return [
        dashboard.RangeMap(
            dashboard.DashboardRangeMapOptions(
                from_val=span.start,
                to=span.end,
                result=dashboard.ValueMappingResult(span.word, span.color, index=index),
            )
        )
        for index, span in enumerate(spans)
    ]

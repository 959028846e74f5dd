"""Maps. The tiles of the base map are the only thing that a board loads from outside."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grafana_foundation_sdk.models import common, geomap

from grafana.parts.panels import Queries, Shared, panel

if TYPE_CHECKING:
    from grafana_foundation_sdk.models.dashboard import Panel
    from typing_extensions import Unpack

PLACE = common.FrameGeometrySource(
    mode=common.FrameGeometrySourceMode("coords"), latitude="latitude", longitude="longitude"
)


def heat(name: str) -> common.MapLayerOptions:
    """Density of points."""
    config = {"blur": 12, "radius": 5, "weight": {"fixed": 1, "max": 1, "min": 0}}
    return common.MapLayerOptions(type_val="heatmap", name=name, config=config, location=PLACE, tooltip=False)


def markers(name: str, *, color: str, size: int = 4) -> common.MapLayerOptions:
    """Dots in the colour of a field; orange where that has none."""
    style = {
        "color": {"field": color, "fixed": "orange"},
        "opacity": 0.8,
        "size": {"fixed": size, "min": 2, "max": 15},
        "symbol": {"fixed": "img/icons/marker/circle.svg", "mode": "fixed"},
    }
    config = {"showLegend": True, "style": style}
    return common.MapLayerOptions(type_val="markers", name=name, config=config, location=PLACE, tooltip=True)


def world(title: str, about: str, queries: Queries, *layers: common.MapLayerOptions, **shared: Unpack[Shared]) -> Panel:
    """Return a map that fits its data; fields are `latitude` and `longitude`, in degrees."""
    options = geomap.Options(
        view=geomap.MapViewConfig(id_val="fit", all_layers=True, padding=8, max_zoom=15),
        controls=geomap.ControlsOptions(show_zoom=True, mouse_wheel_zoom=False, show_attribution=True, show_scale=True),
        basemap=common.MapLayerOptions(type_val="default", name="Base map", config={}),
        layers=list(layers),
        tooltip=geomap.TooltipOptions(geomap.TooltipMode("details")),
    )
    shared.setdefault("size", (12, 12))
    return panel("geomap", title, about, queries, options=options, custom={}, **shared)

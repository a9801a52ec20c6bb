"""The histogram of the exposure and the emission profile, as numbers and as plots."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from imgui_bundle import imgui, implot
from numpy.typing import NDArray

from earthlimb.constants import EMISSIONS
from earthlimb.sensor import ExposureStatistics
from earthlimb.viewer.panel_state import PanelState
from earthlimb.viewer.readout import EMISSION_NAMES
from earthlimb.viewer.session import Session
from earthlimb.viewer.sightline import profile_at

_COLOURS = {"R": (1.0, 0.35, 0.3, 1.0), "G": (0.4, 0.95, 0.4, 1.0), "B": (0.4, 0.6, 1.0, 1.0)}
EMISSION_COLOURS = {
    "na589": (1.0, 0.75, 0.2, 1.0),
    "oi558": (0.5, 1.0, 0.45, 1.0),
    "oi630": (1.0, 0.3, 0.3, 1.0),
    "oh": (0.9, 0.5, 0.8, 1.0),
    "o2": (0.45, 0.65, 1.0, 1.0),
    "continuum": (0.8, 0.8, 0.8, 1.0),
}
_EVERY_S = 1.0
"""A moving picture is counted once a second: reading it back would cost frames."""
_LEAST_PH_CM3_S = 0.1
_LOW_KM = 60.0, 130.0
_LOW_EM, _HIGH_EM = 19.0, 11.0
"""Heights of the plots of the low layers and of what lies above, in letters' heights."""


def once(state: PanelState, name: str, key: Any, make: Callable[[], Any]) -> Any:
    """A result that is made anew only when its key has changed."""
    found = state.cache.get(name)
    if found is None or found[0] != key:
        found = state.cache[name] = (key, make())
    return found[1]


def statistics(session: Session, state: PanelState) -> ExposureStatistics | None:
    """Of the picture that is shown: at once when it has settled, once a second while it moves, else when it changes."""
    tick = session.world if session.settled else int(time.monotonic() / _EVERY_S) if session.running else None
    camera = session.scene.camera.model_copy(update={"point": None})  # a free camera's changes with the time
    key = (tick, None if session.running else camera)  # what keys of the timeline move changes in every picture
    if session.running and "statistics" in state.cache:
        if state.cache["statistics"][0] != key:
            session.to_count = lambda counted: state.cache.update(statistics=(key, counted))
        found: ExposureStatistics | None = state.cache["statistics"][1]
        return found
    found = once(state, "statistics", key, session.read_statistics)
    return found


def histogram(session: Session, state: PanelState) -> None:
    """Histogram in electrons of a photosite, and how much of the picture is clipped."""
    found = statistics(session, state)
    if found is None:
        imgui.text_disabled("the eye's view: no electrons to count" if session.scene.eye.enabled else "no exposure yet")
        return
    x, rows = histogram_data(found)
    size = imgui.ImVec2(-1, 9.0 * imgui.get_font_size())
    flags = implot.Flags_.no_menus | implot.Flags_.no_box_select | implot.Flags_.no_mouse_text
    flags |= implot.Flags_.no_legend | implot.Flags_.no_inputs
    if implot.begin_plot("##histogram", size, flags):
        locked = implot.AxisFlags_.lock
        implot.setup_axes("electrons / photosite", "", locked, locked | implot.AxisFlags_.no_tick_labels)
        implot.setup_axis_scale(implot.ImAxis_.x1, implot.Scale_.log10)
        implot.setup_axes_limits(float(x[0]), float(x[-1]), 0.0, 1.05, implot.Cond_.always)
        for name, row in zip("RGB", rows, strict=True):
            implot.plot_stairs(name, x, row, implot.Spec(line_color=imgui.ImVec4(*_COLOURS[name])))
        implot.end_plot()
    clipped = 100.0 * found.clipped_fraction_any
    r, g, b = (100.0 * share for share in found.clipped_fraction)
    imgui.text(f"clipped: {clipped:.3g} % of the pixels")
    imgui.text_disabled(f"R {r:.3g} %  G {g:.3g} %  B {b:.3g} %")
    r, g, b = found.median_e
    imgui.text_disabled(f"median {r:.3g}, {g:.3g}, {b:.3g} of {found.edges_e[-1]:.0f} e-")


def histogram_data(found: ExposureStatistics) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Edges (n + 1,), electrons, and heights (3, n + 1), 0 to 1, of R, G, B; the last bin holds the clipped pixels."""
    counts = found.counts.astype(np.float64)
    shown = np.concatenate([counts[:, 1:-1], counts[:, -1:]], axis=1)
    highest = max(float(np.sqrt(shown).max()), 1.0)
    return np.ascontiguousarray(found.edges_e), np.ascontiguousarray(np.sqrt(shown) / highest)


def profile(session: Session, state: PanelState, at_rad: tuple[float, float] | None) -> None:
    """Volume emission rates over height, below the cursor's line of sight or below the station."""
    world = session.world
    if world is None:
        return
    at = at_rad or (world.lat_rad, world.lon_rad)
    key = (world.emission, world.scene.airglow.factors, world.raised_km, round(at[0], 3), round(at[1], 3))
    alt, rates = once(state, "profile", key, lambda: profile_at(world, *at))
    where = "at the cursor's point" if at_rad else "below the station"
    imgui.text(f"emission {where} [photon cm-3 s-1]")
    for low_km, high_km, shown in spans(alt, rates):
        em = _LOW_EM if low_km == _LOW_KM[0] else _HIGH_EM
        size = imgui.ImVec2(-1, em * imgui.get_font_size())
        flags = implot.Flags_.no_menus | implot.Flags_.no_box_select
        if implot.begin_plot(f"##profile {high_km:.0f}", size, flags):  # another range is another plot
            implot.setup_axes("photon cm-3 s-1", "altitude [km]", implot.AxisFlags_.none, implot.AxisFlags_.none)
            implot.setup_axis_scale(implot.ImAxis_.x1, implot.Scale_.log10)
            implot.setup_axes_limits(_LEAST_PH_CM3_S, 1e4, low_km, high_km, implot.Cond_.once)
            implot.setup_legend(implot.Location_.south, implot.LegendFlags_.outside)
            for i in shown:
                name = EMISSIONS[i]
                x = np.ascontiguousarray(np.maximum(rates[:, i], 1e-3))
                spec = implot.Spec(line_color=imgui.ImVec4(*EMISSION_COLOURS[name]), line_weight=1.5)
                implot.plot_line(EMISSION_NAMES[name].split(" nm")[0], x, alt, spec)
            implot.end_plot()


def spans(
    alt_km: NDArray[np.float64], rates_ph_cm3_s: NDArray[np.float64]
) -> list[tuple[float, float, tuple[int, ...]]]:
    """Ranges of altitude that are drawn, each with the emissions (of EMISSIONS) that have a share in it.

    The layers lie at 80 to 110 km, that of the red line at 200 to 300: it has a plot of its own above where it glows.
    """
    share = rates_ph_cm3_s >= _LEAST_PH_CM3_S
    low = (alt_km >= _LOW_KM[0]) & (alt_km <= _LOW_KM[1])
    found = [(*_LOW_KM, tuple(np.flatnonzero(share[low].any(axis=0)).tolist()))]
    high = share & (alt_km > _LOW_KM[1])[:, None]
    if high.any():
        top_km = math.ceil(float(alt_km[high.any(axis=1)].max()) / 50.0) * 50.0
        found.append((_LOW_KM[1], top_km, tuple(np.flatnonzero(high.any(axis=0)).tolist())))
    return found

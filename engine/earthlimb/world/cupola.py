"""The cupola as a parametric model: dome, six side windows, the round one, frames, retainers, skirt, shutters.

Frame: origin at the centre of the dome's base, axes as the station's body (+X forward, +Y starboard, +Z nadir).
Windows 1 to 6 are the side windows, 1 forward, then clockwise as seen from above (2 forward starboard, 4 aft);
7 is the round one, on the nadir. Dimensions: assets/station/cupola.toml.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from earthlimb import resources
from earthlimb.world.solids import Part, circle, facing, fan, ring_loops, rounded, strip

Array = NDArray[np.float64]

SIDE_WINDOWS = 6
NADIR_WINDOW = 7
GLASS = "glass"
"""Material of the panes."""
_CIRCLE = 36
_PANE_RINGS = (0.66, 0.33)
_PANE_EDGE_M = 0.05
"""What a pane reaches beyond its clear opening, behind the frame."""


@cache
def cupola_data() -> dict[str, Any]:
    """The data file's tables, each {value, source} replaced by its value."""
    raw = tomllib.loads(resources.asset("station/cupola.toml").read_text(encoding="utf-8"))
    plain = {name: {k: v["value"] for k, v in raw[name].items()} for name in ("dimension", "material", "interior")}
    return {**raw, **plain}


@dataclass(frozen=True, eq=False)
class Window:
    """One window: the inner face's centre, unit vectors across and up in its plane and outwards, and outlines.

    Attributes
    ----------
    number : int
    centre_m : (3,)
    axes : (3, 3), columns along the sill (right as seen from inside is -u), away from the base, outwards
    clear_m : (k, 2), outline of the clear opening in the window's plane, about its centre
    panel_m : (j, 2), outline of the panel that holds it
    depth_m : from the inner face to the outer one
    """

    number: int
    centre_m: Array
    axes: Array
    clear_m: Array
    panel_m: Array
    depth_m: float

    @property
    def normal(self) -> Array:
        """Outward unit normal (3,)."""
        return np.asarray(self.axes[:, 2])

    def place(self, outline: Array, depth_m: float) -> Array:
        """Points (k, 3) of an outline (k, 2) at a depth from the inner face outwards."""
        flat = np.concatenate([outline, np.full((len(outline), 1), depth_m)], axis=1)
        return np.asarray(flat @ self.axes.T + self.centre_m)


@dataclass(frozen=True, eq=False)
class Cupola:
    """The cupola's geometry from its numbers; lengths in metres.

    Examples
    --------
    >>> cupola = Cupola.load()
    >>> [window.number for window in cupola.windows], round(float(cupola.windows[6].normal[2]), 6)
    ([1, 2, 3, 4, 5, 6, 7], 1.0)
    """

    data: dict[str, Any]

    @classmethod
    @cache
    def load(cls) -> Cupola:
        """The shipped dimensions; one object, so that its windows are made once."""
        return cls(cupola_data())

    def __getattr__(self, name: str) -> float:
        try:
            return float(self.data["dimension"][name])
        except KeyError:
            raise AttributeError(name) from None

    @cached_property
    def windows(self) -> tuple[Window, ...]:
        """The seven windows in the order of their numbers."""
        slope = np.radians(self.panel_slope_deg)
        cos, sin = float(np.cos(slope)), float(np.sin(slope))
        base_in = self.base_corner_radius_m * np.cos(np.pi / 6.0)
        half_run = 0.5 * (base_in - self.top_inradius_m)
        radius = base_in - half_run - self.panel_thickness_m * sin
        height = half_run * sin / cos - self.panel_thickness_m * cos
        half_slant = 0.5 * self.side_slant_m
        # the inner faces meet in the planes half-way between two windows: width grows with the radius
        up_top, up_base = half_slant + 0.045, half_slant + 0.075
        widths = [2.0 * (radius - v * cos) * np.tan(np.pi / 6.0) for v in (-up_base, up_top)]
        panel = np.array(
            [
                (-0.5 * widths[0], -up_base),
                (0.5 * widths[0], -up_base),
                (0.5 * widths[1], up_top),
                (-0.5 * widths[1], up_top),
            ]
        )
        a, b = 0.5 * self.side_base_width_m, 0.5 * self.side_top_width_m
        corners = [(-a, -half_slant), (a, -half_slant), (b, half_slant), (-b, half_slant)]
        clear = rounded(corners, self.corner_radius_m)
        out = []
        for number in range(1, SIDE_WINDOWS + 1):
            azimuth = (number - 1) * np.pi / 3.0
            radial = np.array([np.cos(azimuth), np.sin(azimuth), 0.0])
            along = np.array([-np.sin(azimuth), np.cos(azimuth), 0.0])
            normal = sin * radial + cos * np.array([0.0, 0.0, 1.0])
            up = np.cross(normal, along)
            axes = np.stack([along, up, normal], 1)
            centre = radius * radial + np.array([0.0, 0.0, height])
            out.append(Window(number, centre, axes, clear, panel, self.panel_thickness_m))
        top = out[0].place(panel[2:], 0.0)
        top_radius = float(np.hypot(top[0, 0], top[0, 1]))
        hexagon = circle(top_radius, 6) @ _turn(np.pi / 6.0).T
        round_clear = circle(0.5 * self.top_clear_diameter_m, _CIRCLE)
        axes = np.eye(3)
        centre = np.array([0.0, 0.0, float(top[0, 2])])
        out.append(Window(NADIR_WINDOW, centre, axes, round_clear, hexagon, self.top_thickness_m))
        return tuple(out)

    @property
    def height_m(self) -> float:
        """Of the dome over its base, at the nadir window's outer face."""
        top = self.windows[-1]
        return float(top.centre_m[2] + top.depth_m)

    def parts(self, shutters: float = 1.0) -> list[Part]:
        """Every part; shutters from 0, closed, to 1, open."""
        out = [part for window in self.windows for part in self._window_parts(window)]
        out += self._skirt()
        out += [self.shutter(window, shutters) for window in self.windows]
        return out

    def _window_parts(self, window: Window) -> list[Part]:
        n, name = window.normal, f"window{window.number}"
        clear, wide = window.clear_m, _grown(window.clear_m, self.retainer_width_m)
        panel_loop, wide_loop = ring_loops(window.panel_m, wide)
        low, proud = 0.0, -self.retainer_height_m
        tunnel = strip(window.place(clear, proud), window.place(clear, window.depth_m))
        axis_point = window.centre_m + 0.5 * window.depth_m * n
        lip = strip(window.place(wide, low), window.place(wide, proud))
        outer_loop, hole_loop = ring_loops(_grown(window.panel_m, 0.06), clear)
        edge = _grown(clear, _PANE_EDGE_M)
        rings = [window.place(loop, window.depth_m) for loop in (edge, *(clear * s for s in _PANE_RINGS))]
        pane = np.concatenate([*(strip(a, b) for a, b in pairwise(rings)), fan(rings[-1])])
        return [
            Part(
                f"{name}.frame",
                "frame",
                facing(strip(window.place(panel_loop, low), window.place(wide_loop, low)), -n),
            ),
            Part(
                f"{name}.retainer",
                "retainer",
                np.concatenate(
                    [
                        facing(strip(window.place(wide, proud), window.place(clear, proud)), -n),
                        facing(lip, lip.mean(axis=1) - window.centre_m),
                    ]
                ),
            ),
            Part(f"{name}.bezel", "bezel", facing(tunnel, axis_point - tunnel.mean(axis=1))),
            Part(
                f"{name}.outer",
                "outer",
                facing(strip(window.place(outer_loop, window.depth_m), window.place(hole_loop, window.depth_m)), n),
            ),
            Part(f"{name}.pane", GLASS, facing(pane, -n)),
        ]

    def _skirt(self) -> list[Part]:
        """The wall between dome and hatch, the floor around the hatch; both seen from inside."""
        edges = np.concatenate([window.place(window.panel_m[:1], 0.0) for window in self.windows[:SIDE_WINDOWS]])
        radius = float(np.hypot(edges[0, 0], edges[0, 1]))
        dome_edge = np.concatenate([circle(radius, 6) @ _turn(np.pi / 6.0).T, np.full((6, 1), edges[0, 2])], 1)
        dome_edge = np.concatenate([np.linspace(a, b, 4, endpoint=False) for a, b in _sides(dome_edge)])
        flat = dome_edge[:, :2] / np.linalg.norm(dome_edge[:, :2], axis=1, keepdims=True)
        lower = [np.c_[flat * self.skirt_radius_m, np.full(len(flat), z)] for z in (-0.2, -self.skirt_depth_m)]
        walls = np.concatenate([strip(dome_edge, lower[0]), strip(lower[0], lower[1])])
        inside = np.array([0.0, 0.0, -0.3])
        half = 0.5 * self.hatch_m
        square = half * np.array([(-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0)])
        around, hatch = ring_loops(circle(1.3 * self.skirt_radius_m, 24), square)
        z = np.full((len(around), 1), -self.skirt_depth_m)
        floor = strip(np.concatenate([around, z], 1), np.concatenate([hatch, z], 1))
        back = np.concatenate([square, np.full((4, 1), -self.skirt_depth_m)], 1)
        return [
            Part("skirt.wall", "skirt", facing(walls, inside - walls.mean(axis=1))),
            Part("skirt.floor", "skirt", facing(floor, (0.0, 0.0, 1.0))),
            Part("skirt.hatch", "hatch", facing(fan(back), (0.0, 0.0, 1.0))),
        ]

    def shutter(self, window: Window, opening: float) -> Part:
        """A window's shutter, turned about its hinge: that of a side window at the base, the round one's aft."""
        inner, outer = self.shutter_faces(window, opening)
        sides = strip(inner, outer)
        middle = 0.5 * (inner.mean(axis=0) + outer.mean(axis=0))
        faces = [facing(fan(a), a.mean(axis=0) - b.mean(axis=0)) for a, b in ((inner, outer), (outer, inner))]
        body = np.concatenate([*faces, facing(sides, sides.mean(1) - middle)])
        return Part(f"window{window.number}.shutter", "shutter", body)

    def shutter_faces(self, window: Window, opening: float) -> tuple[Array, Array]:
        """Outlines (k, 3) of its two faces; the first lies next to the window when it is closed."""
        outline = _grown(window.clear_m, self.shutter_margin_m)
        near = window.depth_m + self.shutter_gap_m
        side = 0 if window.number == NADIR_WINDOW else 1
        hinge_flat = np.zeros((1, 2))
        hinge_flat[0, side] = outline[:, side].min()
        hinge = window.place(hinge_flat, near)[0]
        axis = window.axes[:, 1 - side] * (1.0 if side else -1.0)
        rot = _about(axis, np.radians(self.shutter_open_deg) * float(opening))
        inner, outer = (window.place(outline, depth) for depth in (near, near + self.shutter_thickness_m))
        return (inner - hinge) @ rot.T + hinge, (outer - hinge) @ rot.T + hinge


def _sides(loop: Array) -> list[tuple[Array, Array]]:
    return list(zip(loop, np.roll(loop, -1, axis=0), strict=True))


def _turn(angle_rad: float) -> Array:
    c, s = float(np.cos(angle_rad)), float(np.sin(angle_rad))
    return np.array([[c, -s], [s, c]])


def _about(axis: Array, angle_rad: float) -> Array:
    """Rotation (3, 3) about a unit axis (Rodrigues)."""
    k = np.array([[0.0, -axis[2], axis[1]], [axis[2], 0.0, -axis[0]], [-axis[1], axis[0], 0.0]])
    return np.asarray(np.eye(3) + np.sin(angle_rad) * k + (1.0 - np.cos(angle_rad)) * (k @ k))


def _grown(outline: Array, by_m: float) -> Array:
    """A convex outline, counter-clockwise, moved outwards by a distance; as many corners."""
    before, after = np.roll(outline, 1, axis=0), np.roll(outline, -1, axis=0)
    edges = [(b - a) / np.linalg.norm(b - a, axis=1, keepdims=True) for a, b in ((before, outline), (outline, after))]
    normals = [np.stack([e[:, 1], -e[:, 0]], 1) for e in edges]
    mitre = normals[0] + normals[1]
    mitre /= np.linalg.norm(mitre, axis=1, keepdims=True)
    return np.asarray(outline + mitre * by_m / np.einsum("ij,ij->i", mitre, normals[0])[:, None])

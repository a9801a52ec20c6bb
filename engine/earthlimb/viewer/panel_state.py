"""What the panel remembers from frame to frame; no scene value is kept here."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from earthlimb.viewer.labels import Overlays


@dataclass
class PanelState:
    """Switches and caches of the panel.

    Attributes
    ----------
    overlays : labels over the picture
    labels_in_pictures : whether pictures that are saved carry the labels that are on
    readout_shown : the box with what stands under the cursor
    about_shown : the page with versions and data credits
    texts : fields that are being typed into, by path
    typed : imgui's number of the field of a number that is being typed into, its text, and the frame that had it
    search : filter over all keys
    sought : name of a town or star that is being typed
    free_width : window units left of the panel in the last frame; None while it is hidden
    wide : what the user made of the panel's width, in window units; None for its own
    shown_wide, room : its width in the last frame, and the window's width and letters' height then
    turn_rate_deg_s : highest rate of the manoeuvres that keys and panel begin
    ui_scale : what the user made of the size of letters
    cache : results that cost more than a frame should, by name with the key that they belong to
    """

    overlays: Overlays = field(default_factory=Overlays)
    labels_in_pictures: bool = False
    readout_shown: bool = True
    about_shown: bool = False
    texts: dict[str, str] = field(default_factory=dict)
    typed: tuple[int, str, int] = (0, "", 0)
    search: str = ""
    sought: str = ""
    free_width: float | None = None
    wide: float | None = None
    shown_wide: float = 0.0
    room: tuple[float, float] = (0.0, 0.0)
    turn_rate_deg_s: float = 0.15
    ui_scale: float = 1.0
    cache: dict[str, tuple[Any, Any]] = field(default_factory=dict)

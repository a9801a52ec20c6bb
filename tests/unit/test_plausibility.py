"""Element sets that cannot be the station's are said; the real ones are not."""

from __future__ import annotations

import math
from dataclasses import replace

from earthlimb.astro.element_set import Elements
from earthlimb.astro.elements import shipped_elements
from earthlimb.astro.plausibility import doubts
from earthlimb.scene import load_scene
from earthlimb.world.build import station_of


def real() -> Elements:
    return next(one for one in shipped_elements() if "21252.5094" in one.line1)


def test_no_shipped_set_is_doubted() -> None:
    found = {one.epoch.utc_iso(0): doubts(one, [], "x") for one in shipped_elements()}
    assert {epoch: texts for epoch, texts in found.items() if texts} == {}


def test_a_node_that_is_made_up_is_said() -> None:
    """Public code carries two sets of one day with nodes 122 degrees apart (STATION_AND_CAMERA C)."""
    turned = replace(real(), node_rad=real().node_rad + math.radians(122.0))
    texts = doubts(turned, [], "station.tle")
    assert texts[0].startswith("station.tle: the node of 2021-09-09T12:13:40Z lies 122.")
    later = replace(real(), epoch=real().epoch.shifted(5 * 86400.0))  # five days on with the old node: 25 degrees off
    assert any("25." in text or "24." in text for text in doubts(later, [real()], "x"))


def test_another_inclination_and_height_are_said() -> None:
    texts = doubts(replace(real(), inclination_rad=math.radians(53.0)), [], "x")
    assert texts[0] == "x: inclination 53.00 deg: the station's is 51.6: check the elements"
    texts = doubts(replace(real(), mean_motion_rev_day=15.05), [], "x")
    assert texts[0].startswith("x: mean height 55") and texts[0].endswith("check the elements")
    # other objects are their own affair
    assert doubts(replace(real(), catalogue_number=44713, mean_motion_rev_day=15.05), [], "x") == []


def test_a_scene_warns_of_them() -> None:
    line2 = "2 25544  51.6444 165.7692 0003404  13.6408 132.5925 15.48614249301665"
    digits = sum(int(c) if c.isdigit() else c == "-" for c in line2[:68]) % 10
    tle = f"{real().line1}\n{line2[:68]}{digits}\n"
    warnings = station_of(load_scene("italy", {"station.tle": tle}))[2]
    assert len(warnings) == 2 and all("is made up or of another object" in text for text in warnings)
    assert station_of(load_scene("italy"))[2] == []

"""Line numbers of keys in TOML texts, for the messages."""

from __future__ import annotations

import tomllib

from earthlimb.schema.lines import key_lines, line_of

TEXT = '''\
title = "a # [not.a.table]"   # comment
[station]
tle = """
1 25544U = [
[image]
"""
list = [
  1,  # with ] in a comment
  2,
]
'quoted key' = 1
[camera]
point.limb = { azimuth_deg = 1.0, tangent_km = 2.0 }
iso = 3
[camera.point.sky]
ra_deg = 4
[[video.key]]
at_s = 0
[[video.key]]
at_s = 1
"text" = "with \\" quote"
after = 1
'''


def test_every_kind_of_key_has_its_line() -> None:
    tomllib.loads(TEXT)  # the text itself is valid
    lines = key_lines(TEXT)
    assert lines[("title",)] == 1
    assert lines[("station",)] == 2
    assert lines[("station", "tle")] == 3
    assert lines[("station", "list")] == 7
    assert lines[("station", "quoted key")] == 11
    assert lines[("camera",)] == 12
    assert lines[("camera", "point")] == 13
    assert lines[("camera", "point", "limb")] == 13
    assert lines[("camera", "iso")] == 14
    assert lines[("camera", "point", "sky", "ra_deg")] == 16
    assert lines[("video", "key", 0, "at_s")] == 18
    assert lines[("video", "key", 1, "at_s")] == 20
    assert lines[("video", "key", 1, "after")] == 22


def test_nothing_inside_of_a_string_or_list_is_taken_for_a_key() -> None:
    lines = key_lines(TEXT)
    assert ("image",) not in lines
    assert not any("25544U" in str(part) for key in lines for part in key)


def test_a_key_in_an_inline_table_has_the_line_of_the_table() -> None:
    lines = key_lines(TEXT)
    assert line_of(lines, ("camera", "point", "limb", "tangent_km")) == 13
    assert line_of(lines, ("nothing", "of", "this")) is None

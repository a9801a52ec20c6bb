"""The file itself: every frame decoded and counted, colours and tags, metadata, sizes, and what a full disk does."""

from __future__ import annotations

import json
import resource
from pathlib import Path

import numpy as np
import pytest

from earthlimb.errors import UsageError, WorkError
from earthlimb.output.video import make_video, video_target
from earthlimb.output.video.planes import planes_of
from tests.video.made import SIZE, Heard, Maker, Stills, a_scene, decoded, grey, names

half_a_step = 0.51  # of 255: rounding to integers, and the last bit of the converter's integer coefficients
codec_steps = 3.0  # of 255: what quality 18 may do to a flat grey of 8 bits in limited range


def make(out: Path | str, codec: str = "h264", **changes: object) -> Heard:
    scene = a_scene(**changes)
    frames, heard = Stills(scene), Heard()
    make_video(scene, frames, video_target(str(out)), Maker(frames), heard, codec=codec)
    return heard


def test_luma_is_that_of_bt709() -> None:
    rgb = np.random.default_rng(3).integers(0, 256, (30, 40, 3), np.uint8)
    expected = 16.0 + 219.0 * (rgb / 255.0) @ [0.2126, 0.7152, 0.0722]  # ITU-R BT.709-6, items 3.2 and 3.4
    assert np.abs(planes_of(rgb, "yuv420p")[:30] - expected).max() <= half_a_step


def test_chroma_is_that_of_bt709() -> None:
    for colour in ((255, 0, 0), (0, 255, 0), (0, 0, 255), (90, 140, 30)):
        rgb = np.full((4, 4, 3), colour, np.uint8)
        r, g, b = (value / 255.0 for value in colour)
        luma = 0.2126 * r + 0.7152 * g + 0.0722 * b
        expected = (128 + 224 * (b - luma) / 1.8556, 128 + 224 * (r - luma) / 1.5748)
        np.testing.assert_allclose(planes_of(rgb, "yuv420p")[4:].reshape(2, -1).mean(axis=1), expected, atol=1.0)


@pytest.mark.parametrize(("codec", "name", "pix_fmt"), [("h264", "h264", "yuv420p"), ("h265", "hevc", "yuv420p10le")])
def test_every_frame_is_there_in_order_with_its_colour(tmp_path: Path, codec: str, name: str, pix_fmt: str) -> None:
    heard = make(tmp_path / "x.mp4", codec)
    pictures, about = decoded(tmp_path / "x.mp4")
    assert (about["codec"], about["pix_fmt"], about["size"]) == (name, pix_fmt, SIZE)
    assert about["tags"] == (1, 13, 1, 1)
    assert len(pictures) == about["says_frames"] == 12
    assert about["file_s"] == about["stream_s"] == 12 / 24
    np.testing.assert_allclose(about["times_s"], np.arange(12) / 24, atol=1e-6)
    for i, picture in enumerate(pictures):
        assert abs(picture[16:, 16:].mean() - grey(i)) < codec_steps
        assert picture[2:6, 2:6].mean() > 250, "the white corner is at the upper left"
    assert heard.begun == (12, 0) and len(heard.utcs) == 12
    assert names(tmp_path) == ["x.mp4", "x.mp4.json"]


@pytest.mark.parametrize("codec", ["h264", "h265", "av1"])
def test_the_slowest_rate_is_in_the_file_and_the_sidecar(tmp_path: Path, codec: str) -> None:
    make(tmp_path / "x.mp4", codec, video__fps=0.001)
    _, about = decoded(tmp_path / "x.mp4")
    assert about["says_frames"] == 12 and about["stream_s"] == 12_000.0
    assert json.loads((tmp_path / "x.mp4.json").read_text(encoding="utf-8"))["duration_s"] == 12_000.0


def test_title_scene_and_version_are_in_the_file(tmp_path: Path) -> None:
    make(tmp_path / "x.mp4")
    _, about = decoded(tmp_path / "x.mp4")
    assert about["title"] == "Straße"
    assert (
        "earthlimb 0." in about["comment"] and "12 frames every 0.5 s from 2021-09-09T22:42:40.05Z" in about["comment"]
    )
    assert json.loads(about["description"])["camera"]["iso"] == 10000.0


def test_the_sidecar_is_the_first_frames_with_the_whole(tmp_path: Path) -> None:
    make(tmp_path / "x.mp4")
    sidecar = json.loads((tmp_path / "x.mp4.json").read_text(encoding="utf-8"))
    assert (sidecar["frames"], sidecar["frames_reused"], sidecar["fps"], sidecar["duration_s"]) == (12, 0, 24.0, 0.5)
    assert sidecar["utc"].startswith("2021-09-09T22:42:40.05")
    assert sidecar["last_utc"].startswith("2021-09-09T22:42:45.55")
    assert sidecar["scene"]["video"]["interval_s"] == 0.5
    assert "frame" not in sidecar


def test_odd_sizes_lose_their_last_row_and_column(tmp_path: Path) -> None:
    heard = make(tmp_path / "x.mp4", image__width_px=47, image__height_px=31)
    pictures, about = decoded(tmp_path / "x.mp4")
    assert about["size"] == (46, 30) and len(pictures) == 12
    (note,) = heard.notes
    assert "x.mp4: 47 x 31 px is odd, the codec needs even sides: 46 x 30 px are kept" in note


def test_a_single_pixel_is_no_video(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="size: 1x31: h264 video has at least 2x2 pixels: choose a larger --size"):
        make(tmp_path / "x.mp4", image__width_px=1, image__height_px=31)
    assert names(tmp_path) == []


def test_a_size_that_the_codec_does_not_take(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="size: 64x62: h265 video has at least 64x64 pixels"):
        make(tmp_path / "x.mp4", "h265", image__width_px=64, image__height_px=62)


@pytest.mark.parametrize("ending", ["png", "exr"])
def test_numbered_pictures_are_those_of_single_renderings(tmp_path: Path, ending: str) -> None:
    from tests.video.made import made_frame

    make(tmp_path / f"x_%03d.{ending}")
    pictures = [f"x_{i:03d}.{ending}" for i in range(12)]
    assert [name for name in names(tmp_path) if not name.endswith(".json")] == pictures
    made_frame(Stills(a_scene()).scene_at(5), 5).save(tmp_path / f"single.{ending}")
    for more in ("", ".json"):
        assert (tmp_path / f"x_005.{ending}{more}").read_bytes() == (tmp_path / f"single.{ending}{more}").read_bytes()
    assert json.loads((tmp_path / f"x_%03d.{ending}.json").read_text(encoding="utf-8"))["frames"] == 12


def test_a_folder_is_made(tmp_path: Path) -> None:
    make(f"{tmp_path}/new/")
    assert names(tmp_path) == ["new"]
    assert {f"frame_{i:05d}.png{more}" for i in range(12) for more in ("", ".json")} <= set(names(tmp_path / "new"))


def test_a_full_disk_keeps_the_finished_frames(tmp_path: Path) -> None:
    """The kernel refuses to let a file grow, as on a full disk: here the video, then a part."""
    scene = a_scene(image__width_px=480, image__height_px=320)
    frames = Stills(scene)
    target = video_target(str(tmp_path / "x.mp4"))
    make_video(scene, frames, target, Maker(frames), Heard())
    whole = (tmp_path / "x.mp4").read_bytes()
    (tmp_path / "x.mp4").unlink()
    unlimited = resource.getrlimit(resource.RLIMIT_FSIZE)
    message = r"x.mp4: no space is left on its disk: free some space; \d+ of 12 frames are kept in .*x.mp4.parts: the"
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(whole) - 1000, unlimited[1]))
    try:
        with pytest.raises(WorkError, match=message):
            make_video(scene, frames, target, Maker(frames), Heard())
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, unlimited)
    assert "x.mp4" not in names(tmp_path)
    again = Maker(frames)
    make_video(scene, frames, target, again, Heard())
    assert len(again.made) < 12
    assert (tmp_path / "x.mp4").read_bytes() == whole
    assert names(tmp_path) == ["x.mp4", "x.mp4.json"]

"""Interrupted and continued: the same file, no frame made twice, nothing half-written, nothing of others removed."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from earthlimb.errors import UsageError, WorkError
from earthlimb.output.video import make_video, render_here, video_target
from earthlimb.renderer.frame import Frame
from earthlimb.resources import asset
from earthlimb.scene import Scene
from tests.video.made import Heard, Maker, Stills, a_scene, decoded, made_frame, names


def run(out: Path | str, source: Maker) -> tuple[Heard, dict[str, int]]:
    heard = Heard()
    done = make_video(source.frames.scene, source.frames, video_target(str(out)), source, heard)
    return heard, {"frames": done.frames, "reused": done.frames_reused}


def interrupt(out: Path | str, at: int = 7, **changes: object) -> None:
    with pytest.raises(WorkError, match=rf"interrupted; {at} of 12 frames are kept in .*parts: the same command") as it:
        run(out, Maker(Stills(a_scene(**changes)), fail_at=at))
    assert it.value.exit_status == 130


@pytest.mark.parametrize("name", ["x.mp4", "x_%03d.png"])
def test_a_continued_run_makes_the_same_files(tmp_path: Path, name: str) -> None:
    undisturbed, disturbed = tmp_path / "a", tmp_path / "b"
    for folder in (undisturbed, disturbed):
        folder.mkdir()
    run(undisturbed / name, Maker(Stills(a_scene())))
    interrupt(disturbed / name)
    assert name not in names(disturbed)
    again = Maker(Stills(a_scene()))
    heard, done = run(disturbed / name, again)
    assert again.made == [7, 8, 9, 10, 11]
    assert heard.begun == (12, 7) and done == {"frames": 12, "reused": 7}
    assert names(undisturbed) == names(disturbed)
    for file in names(undisturbed):
        if not file.endswith(".json"):
            assert (undisturbed / file).read_bytes() == (disturbed / file).read_bytes(), file
    assert json.loads((disturbed / f"{name}.json").read_text(encoding="utf-8"))["frames_reused"] == 7


def test_frames_may_arrive_in_any_order(tmp_path: Path) -> None:
    run(tmp_path / "a.mp4", Maker(Stills(a_scene())))
    shuffled = Maker(Stills(a_scene()), order=lambda indices: indices[::-1])
    run(tmp_path / "b.mp4", shuffled)
    assert shuffled.made[0] == 11
    assert (tmp_path / "a.mp4").read_bytes() == (tmp_path / "b.mp4").read_bytes()


def test_a_termination_keeps_its_status(tmp_path: Path) -> None:
    with pytest.raises(WorkError, match="ended from outside; 3 of 12 frames are kept") as ended:
        run(tmp_path / "x.mp4", Maker(Stills(a_scene()), fail_at=3, failure=SystemExit(143)))
    assert ended.value.exit_status == 143


def test_nothing_is_kept_where_nothing_is_finished(tmp_path: Path) -> None:
    for out in ("x.mp4", "x_%d.png", "new/"):
        wrong = UsageError("camera.point: impossible")
        with pytest.raises(UsageError, match=r"^camera\.point: impossible$"):
            run(f"{tmp_path}/{out}", Maker(Stills(a_scene()), fail_at=0, failure=wrong))
        assert names(tmp_path) == []


@pytest.mark.parametrize(
    ("change", "kept"),
    [
        ({"seed": 5}, False),
        ({"camera__iso": 800.0}, False),
        ({"image__width_px": 64}, False),
        ({"video__interval_s": 0.25}, False),
        ({"video__fps": 12.0}, True),
        ({"video__duration_s": 9.0}, True),
        ({"title": "another"}, True),
    ],
)
def test_frames_of_another_scene_are_made_anew(tmp_path: Path, change: dict[str, object], kept: bool) -> None:
    interrupt(tmp_path / "x.mp4")
    heard, done = run(tmp_path / "x.mp4", Maker(Stills(a_scene(**change))))
    assert done["reused"] == (7 if kept else 0)
    said = [note for note in heard.notes if "x.mp4.parts: 7 frames of another scene or version: moved to" in note]
    assert len(said) == (0 if kept else 1)


@pytest.mark.parametrize("name", ["x.mp4", "x_%03d.png"])
def test_a_mistyped_value_costs_no_frame(tmp_path: Path, name: str) -> None:
    """The frames of the right scene used to be deleted before the wrong one had its first."""
    interrupt(tmp_path / name, 9)
    interrupt(tmp_path / name, 2, camera__iso=100.0)
    wrong = Maker(Stills(a_scene(camera__iso=200.0)), fail_at=0)
    with pytest.raises(WorkError, match=r": interrupted$"):
        run(tmp_path / name, wrong)
    right = Maker(Stills(a_scene()))
    heard, done = run(tmp_path / name, right)
    assert right.made == [9, 10, 11] and done["reused"] == 9
    assert [note.partition(": ")[2] for note in heard.notes] == [
        "9 frames of this scene: brought back",
        "2 frames of other scenes kept: their own command continues them: remove the folder if nobody wants them",
    ]
    assert [found for found in names(tmp_path) if ".parts" in found] == [f"{name}.parts.old"]
    assert run(tmp_path / name, Maker(Stills(a_scene(camera__iso=100.0))))[1]["reused"] == 2
    pictures = [] if name == "x.mp4" else [f"x_{i:03d}.png{more}" for i in range(12) for more in ("", ".json")]
    assert names(tmp_path) == sorted({name, f"{name}.json", *pictures} - {"x_%03d.png"})
    isos = {
        json.loads((tmp_path / path).read_text(encoding="utf-8"))["scene"]["camera"]["iso"] for path in pictures[1::2]
    }
    assert isos <= {100.0}


@pytest.mark.parametrize("name", ["x.mp4", "x_%03d.png"])
def test_a_completed_mistake_costs_no_frame(tmp_path: Path, name: str) -> None:
    interrupt(tmp_path / name, 9)
    run(tmp_path / name, Maker(Stills(a_scene(camera__iso=100.0))))
    assert run(tmp_path / name, Maker(Stills(a_scene())))[1]["reused"] == 9
    assert not [found for found in names(tmp_path) if found.endswith((".old", ".parts"))]


@pytest.mark.parametrize("name", ["x.mp4", "x_%03d.png"])
def test_another_end_keeps_the_frames(tmp_path: Path, name: str) -> None:
    interrupt(tmp_path / name, 9)
    short = Maker(Stills(a_scene(video__duration_s=2.0), 4))
    heard, done = run(tmp_path / name, short)
    assert short.made == [] and done == {"frames": 4, "reused": 4} and heard.begun == (4, 4)
    assert heard.notes[-1].endswith(
        f"{name}.parts: 5 finished frames past this end: kept for a longer video.duration_s: remove the folder if "
        "nobody wants it"
    )
    if name == "x.mp4":
        assert len(decoded(tmp_path / name)[0]) == 4
    else:
        pictures = [f"x_{i:03d}.png" for i in range(4)]
        assert [found for found in names(tmp_path) if found.endswith(".png")] == pictures
    assert run(tmp_path / name, Maker(Stills(a_scene(video__duration_s=2.0), 4)))[1]["reused"] == 4
    long = Maker(Stills(a_scene(video__duration_s=7.0), 14))
    assert run(tmp_path / name, long)[1] == {"frames": 14, "reused": 9}
    assert long.made == [9, 10, 11, 12, 13]
    assert not [found for found in names(tmp_path) if found.endswith((".old", ".parts"))]


def test_pictures_of_a_longer_sequence_do_not_stay_among_those_of_the_next(tmp_path: Path) -> None:
    """A folder held two scenes, silently; what earthlimb has not made as a frame stays where it is."""
    out = f"{tmp_path}/st/"
    run(out, Maker(Stills(a_scene())))
    folder = tmp_path / "st"
    former = (folder / "frame_00010.png").read_bytes()
    (folder / "frame_00007.png").unlink()  # left: a sidecar alone
    (folder / "frame_00008.png.json").unlink()  # left: a picture alone
    (folder / "frame_00009.png.json").write_text('{"frame": 9}', encoding="utf-8")  # not ours
    (folder / "frame_00011.png.json").write_text("[]", encoding="utf-8")
    mine = json.loads((folder / "frame_00006.png.json").read_text(encoding="utf-8")) | {"frame": 0}
    (folder / "frame_00006.png.json").write_text(json.dumps(mine), encoding="utf-8")  # of `render`
    (folder / "frame_0004.png").write_bytes(b"mine")
    (folder / "frame_00004.exr").write_bytes(b"mine")
    heard, _ = run(out, Maker(Stills(a_scene(camera__ev=3.0), 2)))
    assert heard.notes == [
        f"{out}: 5 pictures of a longer sequence, frame_00002.png to frame_00010.png: moved to "
        f"{folder}/frame_%05d.png.old"
    ]
    aside = folder / "frame_%05d.png.old"
    moved = [f"frame_{i:05d}.png{more}" for i in (2, 3, 4, 5, 10) for more in ("", ".json")]
    assert names(aside) == moved and (aside / "frame_00010.png").read_bytes() == former
    stayed = ["frame_00004.exr", "frame_0004.png"] + [f"frame_{i:05d}.png" for i in (0, 1, 6, 8, 9, 11)]
    assert [name for name in names(folder) if not name.endswith((".json", ".old"))] == sorted(stayed)


def test_a_title_that_is_in_each_picture_counts(tmp_path: Path) -> None:
    interrupt(tmp_path / "x_%d.png")
    assert run(tmp_path / "x_%d.png", Maker(Stills(a_scene(title="another"))))[1]["reused"] == 0
    titles = {json.loads(path.read_text(encoding="utf-8"))["scene"]["title"] for path in tmp_path.glob("x_*.json")}
    assert titles == {"another"}


def test_frames_of_another_version_are_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    interrupt(tmp_path / "x.mp4")
    monkeypatch.setattr("earthlimb.__version__", "99.0", raising=False)
    assert run(tmp_path / "x.mp4", Maker(Stills(a_scene())))[1]["reused"] == 0


def test_a_changed_file_of_the_scene_counts(tmp_path: Path) -> None:
    profile = tmp_path / "own.csv"
    profile.write_text("alt_km,oi558\n90,100\n100,200\n", encoding="utf-8")
    changes = {"atmosphere__profile": str(profile)}
    with pytest.raises(WorkError, match="5 of 12 frames are kept"):
        run(tmp_path / "x.mp4", Maker(Stills(a_scene(**changes)), fail_at=5))
    profile.write_text("alt_km,oi558\n90,100\n100,201\n", encoding="utf-8")
    assert run(tmp_path / "x.mp4", Maker(Stills(a_scene(**changes))))[1]["reused"] == 0


def test_a_changed_body_of_ones_own_counts(tmp_path: Path) -> None:
    """Frames of the former body used to be taken for those of the new one."""
    body = tmp_path / "body.toml"
    body.write_bytes(asset("bodies/nikon-d4.toml").read_bytes())
    changes = {"camera__body": str(body)}
    with pytest.raises(WorkError, match="5 of 12 frames are kept"):
        run(tmp_path / "x.mp4", Maker(Stills(a_scene(**changes)), fail_at=5))
    body.write_bytes(asset("bodies/nikon-d3s.toml").read_bytes())
    assert run(tmp_path / "x.mp4", Maker(Stills(a_scene(**changes))))[1]["reused"] == 0


def test_a_damaged_part_is_made_again(tmp_path: Path) -> None:
    run(tmp_path / "a.mp4", Maker(Stills(a_scene())))
    interrupt(tmp_path / "x.mp4")
    part = tmp_path / "x.mp4.parts" / "0000003.part"
    part.write_bytes(part.read_bytes()[:-1] + b"\x00")
    (tmp_path / "x.mp4.parts" / "0000004.part").write_bytes(b"")
    again = Maker(Stills(a_scene()))
    run(tmp_path / "x.mp4", again)
    assert again.made[:2] == [3, 4] and len(again.made) == 7
    assert (tmp_path / "a.mp4").read_bytes() == (tmp_path / "x.mp4").read_bytes()


def test_a_missing_picture_is_made_again(tmp_path: Path) -> None:
    interrupt(tmp_path / "x_%d.png")
    (tmp_path / "x_2.png").unlink()
    (tmp_path / "x_4.png.json").unlink()
    (tmp_path / "x_5.png").write_bytes(b"mine")
    again = Maker(Stills(a_scene()))
    run(tmp_path / "x_%d.png", again)
    assert again.made == [2, 4, 5, 7, 8, 9, 10, 11]


def test_an_old_video_stays_until_the_new_one_is_complete(tmp_path: Path) -> None:
    (tmp_path / "x.mp4").write_bytes(b"old")
    interrupt(tmp_path / "x.mp4")
    assert (tmp_path / "x.mp4").read_bytes() == b"old"
    run(tmp_path / "x.mp4", Maker(Stills(a_scene())))
    assert len((tmp_path / "x.mp4").read_bytes()) > 1000


def test_a_folder_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "x.mp4.parts").mkdir()
    (tmp_path / "x.mp4.parts" / "thesis.part").write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError, match=r"x.mp4.parts: holds thesis.part, which is no part of a video: .* move it"):
        run(tmp_path / "x.mp4", Maker(Stills(a_scene())))
    assert (tmp_path / "x.mp4.parts" / "thesis.part").read_text(encoding="utf-8") == "mine"


def test_two_runs_on_one_output_refuse_each_other(tmp_path: Path) -> None:
    class Second(Maker):
        def __call__(self, *words: object) -> None:
            with pytest.raises(WorkError, match=r"x.mp4: another run is writing it \(process \d+ on"):
                run(tmp_path / "x.mp4", Maker(Stills(a_scene())))
            super().__call__(*words)  # type: ignore[arg-type]

    run(tmp_path / "x.mp4", Second(Stills(a_scene())))
    assert names(tmp_path) == ["x.mp4", "x.mp4.json"], "the refused run has taken nothing away"


class Broken:
    """A renderer that fails at one exposure, when it begins or when it is waited for."""

    failure: BaseException
    when = "begun"

    def __init__(self, device: str) -> None:
        pass

    def __enter__(self) -> Broken:
        return self

    def __exit__(self, *exc: object) -> None:
        pass

    def start(self, scene: Scene, frame: int) -> Callable[[], Frame]:
        def finish() -> Frame:
            if frame == 3:
                raise self.failure
            return made_frame(scene, frame)

        if frame == 3 and self.when == "begun":
            raise self.failure
        return finish


@pytest.mark.parametrize("when", ["begun", "waited for"])
@pytest.mark.parametrize(
    ("failure", "message"),
    [
        (UsageError("camera.point.ground: below the horizon"), ": a video.duration_s that ends before continues with"),
        (WorkError("the driver has gone"), ": the same command continues"),
        (ZeroDivisionError("division by zero"), ": the same command continues"),
        (MemoryError(), ": the same command continues"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_failure_on_the_way_names_the_exposure_and_what_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failure: Exception, message: str, when: str
) -> None:
    # notes stay on an error, so that each test needs its own
    monkeypatch.setattr(Broken, "failure", type(failure)(*failure.args), raising=False)
    monkeypatch.setattr(Broken, "when", when)
    monkeypatch.setattr("earthlimb.output.video.frames.Renderer", Broken)
    frames = Stills(a_scene())
    source = partial(render_here, frames)
    with pytest.raises(type(failure)) as raised:
        make_video(frames.scene, frames, video_target(str(tmp_path / "x.mp4")), source, Heard())
    said = str(raised.value) + "".join(getattr(raised.value, "__notes__", ()))
    n = 3 if when == "begun" else 4  # the next one was under way
    kept = f"; {n} of 12 frames are kept in {tmp_path}/x.mp4.parts{message}"
    assert said.startswith(f"{failure}") and f"(exposure 3, 2021-09-09T22:42:41.55Z){kept}" in said
    if isinstance(failure, UsageError):
        short = Maker(Stills(a_scene(video__duration_s=1.5), 3))
        assert run(tmp_path / "x.mp4", short)[1] == {"frames": 3, "reused": 3}

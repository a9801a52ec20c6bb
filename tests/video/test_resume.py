"""Interrupted and continued: the same file, no frame made twice, nothing half-written, nothing of others removed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from earthlimb.errors import UsageError, WorkError
from earthlimb.output.video import make_video, video_target
from earthlimb.resources import asset
from tests.video.made import Heard, Maker, Stills, a_scene, names


def run(out: Path | str, source: Maker) -> tuple[Heard, dict[str, int]]:
    heard = Heard()
    done = make_video(source.frames.scene, source.frames, video_target(str(out)), source, heard)
    return heard, {"frames": done.frames, "reused": done.frames_reused}


def interrupt(out: Path, at: int = 7) -> None:
    with pytest.raises(WorkError, match=rf"interrupted; {at} of 12 frames are kept in .*parts: the same command") as it:
        run(out, Maker(Stills(a_scene()), fail_at=at))
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
        ({"title": "another"}, True),
    ],
)
def test_frames_of_another_scene_are_made_anew(tmp_path: Path, change: dict[str, object], kept: bool) -> None:
    interrupt(tmp_path / "x.mp4")
    heard, done = run(tmp_path / "x.mp4", Maker(Stills(a_scene(**change))))
    assert done["reused"] == (7 if kept else 0)
    said = [note for note in heard.notes if "x.mp4.parts: 7 frames of another scene or version: made anew" in note]
    assert len(said) == (0 if kept else 1)


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

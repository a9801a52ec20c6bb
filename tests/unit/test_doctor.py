"""What doctor and assets say: on this machine, without a driver, and on systems that are not here."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from earthlimb import gpu, resources
from earthlimb.cli import assets, doctor
from earthlimb.cli.app import run
from earthlimb.cli.gl_remedy import gl_remedy
from earthlimb.errors import WorkError


def test_this_machine_renders(capsys: pytest.CaptureFixture[str]) -> None:
    status = run(["doctor", "--json"])
    report = json.loads(capsys.readouterr().out)
    failing = [check for check in report["checks"] if check["needed"] and not check["ok"]]
    assert failing == []
    assert (status, report["ok"]) == (0, True)
    names = [check["name"] for check in report["checks"]]
    for name in ("Python", "earthlimb", "data files", "OpenGL 4.1", "float targets", "test picture"):
        assert name in names


def test_the_table_is_for_people(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "examine", lambda device: iter([doctor.Check("OpenGL 4.1", True, device)]))
    assert run(["doctor", "--device", "egl:0"]) == 0
    out = capsys.readouterr().out
    assert "ok  OpenGL 4.1  egl:0" in out
    assert out.endswith("Pictures can be rendered here.\n")


def test_without_a_driver_it_prints_the_line_to_type(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_driver(device: str) -> None:
        raise WorkError("OpenGL: no driver") from Exception("cannot load libEGL.so")

    monkeypatch.setattr(gpu, "open_context", no_driver)
    monkeypatch.setattr(doctor, "gl_remedy", lambda: "install " + "x" * 200)
    assert run(["doctor"]) == 1
    out = capsys.readouterr().out
    assert re.search(r"^FAILS +OpenGL 4\.1 ", out, re.MULTILINE)
    assert "cannot load libEGL.so" in out
    assert "OpenGL 4.1: install " + "x" * 200 + "\n" in out, "a remedy must not be wrapped"
    assert out.endswith("No picture can be rendered here yet.\n")


def test_an_absent_extra_does_not_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    requires = [
        "numpy>=1",
        "surely-not-there>=1",
        'pymsis-not-there>=0.9 ; extra == "msis"',
        'x ; extra == "dev"',
    ]
    version = doctor.metadata.version
    monkeypatch.setattr(doctor.metadata, "requires", lambda _name: requires)
    monkeypatch.setattr(doctor.metadata, "version", lambda name: "1" if name == "earthlimb" else version(name))
    found = {check.name: check for check in doctor._packages()}
    assert found["numpy"].ok
    assert (found["surely-not-there"].ok, found["surely-not-there"].needed) == (False, True)
    extra = found["pymsis-not-there (extra msis)"]
    assert (extra.ok, extra.needed, extra.remedy) == (False, False, "pip install 'earthlimb[msis]'")
    assert not any("dev" in name or name.startswith("x") for name in found)


def test_a_missing_data_file_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    entry = assets.AssetSource("not-there.npz", "w", "s", "l", "c", "m")
    monkeypatch.setattr(doctor, "asset_sources", lambda: (entry,))
    (check,) = doctor._data()
    assert (check.ok, check.found) == (False, "missing: not-there.npz")


@pytest.mark.parametrize(
    ("system", "os_release", "line"),
    [
        ("linux", {"ID": "debian"}, "apt-get install --no-install-recommends libegl1 libgl1 libgl1-mesa-dri"),
        ("linux", {"ID": "ubuntu", "ID_LIKE": "debian"}, "apt-get install"),
        ("linux", {"ID": "linuxmint", "ID_LIKE": "ubuntu debian"}, "apt-get install"),
        ("linux", {"ID": "rocky", "ID_LIKE": "rhel centos fedora"}, "dnf install mesa-libEGL"),
        ("linux", {"ID": "arch"}, "pacman -S mesa"),
        ("linux", {}, "install Mesa with EGL"),
        ("darwin", {}, "desktop session"),
        ("win32", {}, "driver of the graphics card"),
    ],
)
def test_the_remedy_fits_the_system(system: str, os_release: dict[str, str], line: str) -> None:
    assert line in gl_remedy(system, os_release, {}, has_nvidia_device=False)


@pytest.mark.parametrize(
    ("capabilities", "advised"), [("", True), ("compute", True), ("graphics", False), ("all", False)]
)
def test_containers_with_an_nvidia_card(capabilities: str, advised: bool) -> None:
    environ = {"NVIDIA_DRIVER_CAPABILITIES": capabilities}
    remedy = gl_remedy("linux", {"ID": "debian"}, environ, has_nvidia_device=True)
    assert ("NVIDIA_DRIVER_CAPABILITIES=graphics" in remedy) is advised


@pytest.mark.parametrize("arguments", [["assets"], ["assets", "list"]])
def test_assets_lists_every_file_with_its_licence(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    assert run(arguments) == 0
    lines = capsys.readouterr().out.splitlines()
    entries = assets.asset_sources()
    assert len(lines) == 3 * len(entries) > 0
    for head, source, licence, entry in zip(lines[::3], lines[1::3], lines[2::3], entries, strict=True):
        assert re.match(rf"{re.escape(entry.file)}, \d+ kB: ", head)
        assert source.endswith(entry.source)
        assert licence.endswith(entry.licence)


def test_credits_name_everyone_once(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["assets", "credits"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(set(lines)) == len(lines)
    assert all(any(entry.credit in line for line in lines) for entry in assets.asset_sources())


@pytest.mark.parametrize(
    "text",
    ["[[asset]]\nfile = 'x'\n", "[[asset]\n", "[[asset]]\nfile='x'\nsize=3\n"],
    ids=["lacks", "broken", "more"],
)
def test_a_broken_list_of_sources_is_one_message(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    (tmp_path / "SOURCES.toml").write_text(text)
    monkeypatch.setattr(resources, "asset", lambda name: tmp_path / name)
    with pytest.raises(WorkError, match=r"SOURCES\.toml: .*file, what, source, licence, credit, made_by"):
        resources.asset_sources()

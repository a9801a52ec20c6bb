"""The commands of README.md exist with every option that they use, and its Python runs."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer

from earthlimb.cli.app import app
from earthlimb.scene import load_scene, parse_override, parse_size

CHECKOUT = Path(__file__).resolve().parents[2]
README = (CHECKOUT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", README, flags=re.DOTALL | re.MULTILINE)


def commands() -> list[list[str]]:
    lines = (shlex.split(line, comments=True) for block in blocks("sh") for line in block.splitlines())
    return [words[1:] for words in lines if words[:1] == ["earthlimb"]]


def parsed(words: list[str]) -> dict[str, Any]:
    """Parse as the command line does, down to the subcommand's own options, without running anything."""
    command: Any = typer.main.get_command(app)
    rest = list(words)
    values: dict[str, Any] = {}
    context = None
    while True:
        context = command.make_context(rest[0] if context else "earthlimb", rest[bool(context) :], parent=context)
        values |= context.params
        rest = [*context._protected_args, *context.args]
        if not hasattr(command, "get_command") or not rest:
            return values
        name, command, rest = command.resolve_command(context, rest)
        rest = [name, *rest]


def test_the_readme_shows_commands() -> None:
    assert {words[0] for words in commands()} >= {
        "render",
        "check",
        "probe",
        "profile",
        "bench",
        "doctor",
        "scenes",
    }


@pytest.mark.parametrize("words", commands(), ids=" ".join)
def test_a_command_of_the_readme_is_understood(words: list[str]) -> None:
    values = parsed(words)
    if "scene" in values:
        overrides = dict(parse_override(text) for text in values.get("sets") or ())
        load_scene(values["scene"], overrides)
    if values.get("size"):
        parse_size(values["size"])


@pytest.mark.parametrize("words", [["rendr", "italy"], ["render", "italy", "-o", "x.png", "--sise", "3x2"]])
def test_the_check_itself_can_fail(words: list[str]) -> None:
    with pytest.raises(Exception, match=r"rendr|--sise"):
        parsed(words)


def test_the_python_of_the_readme_runs(tmp_path: Path) -> None:
    """In a process of its own, where nothing else has loaded the outputs; smaller, to be quick."""
    (code,) = blocks("python")
    smaller = code.replace("size=(1280, 720)", "size=(96, 54)")
    assert smaller != code
    checks = "assert frame.layer('airglow.oi558').shape == (54, 96)\n"
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", smaller + checks],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert sorted(os.listdir(tmp_path)) == ["italy.png", "italy.png.json"]


def test_every_path_that_the_readme_names_is_there() -> None:
    named = set(re.findall(r"`((?:engine|shaders|scenes|assets|tests|docs)/[\w./*-]*)`", README))
    named |= set(re.findall(r"\]\(([\w./-]+)\)", README))
    missing = [name for name in sorted(named) if not list(CHECKOUT.glob(name.rstrip("/")))]
    assert missing == []

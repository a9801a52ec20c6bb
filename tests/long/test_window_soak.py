"""Ten minutes of random keys, drags, wheel and sizes at the window: no error, no growing memory.

`EARTHLIMB_SOAK_S` makes it shorter or longer. Note the result in results.toml, then write the page.
"""

from __future__ import annotations

import os
import random
import time
from pathlib import Path

import numpy as np
import pytest

from tests.viewer.screen import Person, virtual_display

pytestmark = pytest.mark.long

SOAK_S = float(os.environ.get("EARTHLIMB_SOAK_S", "600"))
GROWTH_MB = 60.0
"""Worlds, maps and textures come and go in pieces of 20 MB; a leak of one a change would be gigabytes."""
KEYS = (
    "space", "period", "comma", "b", "n", "Left", "Right", "Up", "Down", "a", "d", "w", "z", "x", "equal", "minus",
    "l", "v", "g", "t", "f", "h", "1", "3", "7", "u", "e", "Tab", "F1", "F11", "r", "p", "i", "o", "m", "0",
)  # fmt: skip
RARE = ("s", "Return")


def resident_mb(pid: int) -> float:
    """Memory that a process holds."""
    text = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    return int(next(line.split()[1] for line in text.splitlines() if line.startswith("VmRSS"))) / 1024.0


def test_random_input(tmp_path: Path) -> None:
    chance = random.Random(4)
    with virtual_display() as display:
        person = Person(display, tmp_path, "italy", "--size", "320x200")
        try:
            window = person.waits_for_the_window()
            time.sleep(10.0)
            begin, memory = time.monotonic(), []
            while time.monotonic() - begin < SOAK_S:
                assert person.process.poll() is None, person.ends()
                kind = chance.random()
                if kind < 0.55:
                    person.does("key", chance.choice(KEYS))
                elif kind < 0.75:
                    x, y = chance.randrange(320), chance.randrange(200)
                    person.does("mousemove", str(x), str(y), "mousedown", "1")
                    person.does("mousemove_relative", "--", str(chance.randint(-90, 90)), str(chance.randint(-60, 60)))
                    person.does("mouseup", "1")
                elif kind < 0.93:
                    person.does("click", chance.choice("4455123"))
                elif kind < 0.98:
                    person.does("windowsize", window, str(chance.randint(1, 600)), str(chance.randint(1, 400)))
                else:
                    person.does("key", chance.choice(RARE))
                time.sleep(chance.choice((0.0, 0.05, 0.3)))
                memory.append(resident_mb(person.process.pid))
            third = len(memory) // 3
            growth = np.median(memory[2 * third :]) - np.median(memory[third : 2 * third])
            print(f"{len(memory)} events, {memory[0]:.0f} to {memory[-1]:.0f} MB, growth {growth:.1f} MB")
            assert growth < GROWTH_MB, memory[:: max(len(memory) // 60, 1)]
            for _ in range(5):  # a text field may have the keyboard
                person.does("mousemove", "1", "1", "key", "Escape", "key", "q")
                time.sleep(1.0)
                if person.process.poll() is not None:
                    break
            assert person.ends() == (0, "")
        finally:
            person.process.kill()

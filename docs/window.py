"""Make the README's picture of the window: `python docs/window.py -o docs/window.png`.

A virtual display is started, `earthlimb view` opened on it, time stopped by the space bar as a user would, and the
screen saved once the title says that the picture is the exact one and no message is left. Needs xvfb, xdotool and
ImageMagick.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-o", "--out", type=Path, required=True)
    parser.add_argument("--size", default="1200x750")
    arguments = parser.parse_args()
    read, write = os.pipe()
    command = ["Xvfb", "-displayfd", str(write), "-screen", "0", f"{arguments.size}x24", "-nolisten", "tcp"]
    server = subprocess.Popen(command, pass_fds=[write])
    os.close(write)
    with os.fdopen(read) as numbers:
        environment = os.environ | {"DISPLAY": f":{numbers.readline().strip()}"}
    window = subprocess.Popen(
        [sys.executable, "-m", "earthlimb", "view", "italy", "--size", arguments.size], env=environment
    )

    def screen() -> bytes:
        grab = ["import", "-window", "root", "-strip", "png:-"]
        return subprocess.run(grab, env=environment, capture_output=True, check=True).stdout

    def colours() -> int:
        count = ["identify", "-format", "%k", "png:-"]
        return int(subprocess.run(count, input=screen(), capture_output=True, check=True).stdout)

    try:
        while colours() < 5000:  # a picture, not the progress bar
            time.sleep(1.0)
        subprocess.run(["xdotool", "key", "space"], env=environment, check=True)
        title = ["xdotool", "search", "--onlyvisible", "--name", "earthlimb", "getwindowname"]
        while b"exact picture" not in subprocess.run(title, env=environment, capture_output=True, check=True).stdout:
            time.sleep(1.0)
        time.sleep(9.0)  # messages have gone
        arguments.out.write_bytes(screen())
    finally:
        window.terminate()
        window.wait()
        server.terminate()
        server.wait()


if __name__ == "__main__":
    main()

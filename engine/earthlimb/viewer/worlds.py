"""Air and maps of a world worked out by a process of its own: they take a second of NumPy, and Python's one lock.

Of a world only what is slow to make travels; from that the window builds the rest in milliseconds. Emissions, maps
and their colours are sent once: as long as they are the same, only their numbers go to and fro.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from numpy.typing import NDArray

from earthlimb.errors import EarthlimbError, WorkError
from earthlimb.passes.airglow_tables import AirglowArrays
from earthlimb.passes.earth_textures import EarthArrays
from earthlimb.physics.exposure import CameraBody
from earthlimb.physics.response import camera_response, cie_response
from earthlimb.renderer.detector import Detector, far_leg_transmission
from earthlimb.scene import Scene
from earthlimb.viewer.child import Child, Send, serve
from earthlimb.world import WorldState, build_world, same_air
from earthlimb.world.earth_maps import EarthWindow
from earthlimb.world.emission_field import EmissionField

_NICENESS = 19
"""How far the process steps back once the window has a first world; until then everything waits for it."""

Number = tuple[int, int]
"""Process and count: names an object for as long as both sides keep it."""


@dataclass(frozen=True, eq=False)
class Air:
    """What of a world takes long; named as in WorldState, so that `build_world` takes it as `like`."""

    emission: EmissionField
    composition_source: str
    unit_columns_rayleigh: NDArray[Any]
    earth: EarthWindow


@dataclass(frozen=True, eq=False)
class Parts:
    """A world's air and, in one response, what its drawing uploads."""

    air: Air
    airglow: AirglowArrays
    maps: EarthArrays


@dataclass
class Slots:
    """The newest object of each kind that both processes hold, with its number."""

    held: dict[str, tuple[Number, Any]] = field(default_factory=dict)

    def numbers(self) -> dict[str, Number]:
        """What is held, by number."""
        return {kind: number for kind, (number, _) in self.held.items()}


class Worlds:
    """The window's end; `parts` waits, so call it in a thread. The process is started again once when it ends."""

    def __init__(self, child: Child | None = None) -> None:
        self._child = child
        self._slots = Slots()
        self._released = False

    def start(self) -> None:
        """Start the process, which takes a second to be ready."""
        if self._child is None:
            self._child = Child("earthlimb.viewer.worlds:work")

    @property
    def pid(self) -> int | None:
        """The process's number while there is one."""
        return self._child.pid if self._child else None

    def parts(self, scene: Scene, meanwhile: Callable[[], None] = lambda: None) -> Parts:
        """Air and maps of a scene, and the arrays of its camera's or eye's response; `meanwhile` is called once.

        Raises
        ------
        UsageError
            The scene asks for something impossible.
        WorkError
            The process ended twice.
        """
        for _ in range(2):
            if self._released:
                break
            self.start()
            assert self._child is not None
            self._child.send((scene, self._slots.numbers()))
            meanwhile, wait = (lambda: None), meanwhile
            wait()
            try:
                answer = self._child.receive()
            except EOFError:
                self._child.release()
                self._child = None
                continue
            if isinstance(answer, EarthlimbError):
                raise answer
            return self._unpacked(answer)
        raise WorkError(
            "view: the process that works out air and maps has ended twice: too little memory? close other programs, "
            "or try again"
        )

    def _unpacked(self, answer: dict[str, Any]) -> Parts:
        for kind in ("emission", "window", "maps"):
            number, made = answer[kind]
            if made is not None:
                self._slots.held[kind] = (number, made)
        emission, window = (self._slots.held[kind][1] for kind in ("emission", "window"))
        number, maps = self._slots.held["maps"]
        if not isinstance(maps, EarthArrays):
            maps = EarthArrays(window, *maps)
            self._slots.held["maps"] = (number, maps)
        air = Air(emission, answer["source"], answer["columns"], window)
        return Parts(air, AirglowArrays(emission, *answer["airglow"]), maps)

    def release(self) -> None:
        """End the process; a thread that waits for it gets its error."""
        self._released = True
        if self._child is not None:
            self._child.release()


class _Maker:
    """The child: keeps the newest world and the detectors."""

    def __init__(self) -> None:
        self._world: WorldState | None = None
        self._detectors: dict[str, Detector] = {}
        self._slots = Slots()
        self._count = itertools.count()

    def answer(self, scene: Scene, has: dict[str, Number]) -> dict[str, Any]:
        """Everything that the window lacks for a scene."""
        if self._world is None or not same_air(self._world.scene, scene):
            self._world = None  # one at a time
            self._world = build_world(scene)
        world = self._world
        detector = self._detector(world, scene)
        maps = detector.earth_arrays(world.earth)
        transmission, factors = far_leg_transmission(world.low_atmosphere), scene.airglow.factors
        airglow = AirglowArrays.of(world.emission, transmission, detector.per_rayleigh, factors)
        return {
            "emission": self._sent("emission", world.emission, world.emission, has),
            "window": self._sent("window", world.earth, world.earth, has),
            "maps": self._sent("maps", maps, (maps.lights, maps.levels, maps.direct, maps.halo), has),
            "source": world.composition_source,
            "columns": world.unit_columns_rayleigh,
            "airglow": (airglow.transmission, airglow.parts, airglow.row_altitudes_km, airglow.factors),
        }

    def _detector(self, world: WorldState, scene: Scene) -> Detector:
        name = "cie" if scene.eye.enabled else scene.camera.body
        if name not in self._detectors:
            response = cie_response() if scene.eye.enabled else camera_response(CameraBody.load(name))
            self._detectors = {name: Detector(response, world.low_atmosphere)}
        return self._detectors[name]

    def _sent(self, kind: str, thing: object, packed: object, has: dict[str, Number]) -> tuple[Number, object]:
        number, held = self._slots.held.get(kind, (None, None))
        if held is thing and number is not None and has.get(kind) == number:
            return number, None
        number = os.getpid(), next(self._count)
        self._slots.held[kind] = (number, thing)
        return number, packed


def work() -> None:
    """The child's whole life."""

    stepped_back = False

    def answer(maker: _Maker, order: Any, send: Send) -> None:
        nonlocal stepped_back
        try:
            send(maker.answer(*order))
        except EarthlimbError as error:
            send(error)
        if not stepped_back and hasattr(os, "nice"):
            os.nice(_NICENESS)
        stepped_back = True

    serve(_Maker, answer)

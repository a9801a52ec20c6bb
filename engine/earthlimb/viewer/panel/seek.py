"""A field that finds a town or a star by name and turns the view to it; names that fit are offered while typing."""

from __future__ import annotations

from functools import lru_cache

from imgui_bundle import imgui

from earthlimb.astro.places import find_place, largest_places, plain_name
from earthlimb.astro.stars import star_names
from earthlimb.errors import EarthlimbError
from earthlimb.viewer.labels import N_TOWNS
from earthlimb.viewer.panel_state import PanelState
from earthlimb.viewer.session import Session
from earthlimb.viewer.targets import follow_named

N_SHOWN = 6


def warm() -> None:
    """Load every name, which takes seconds: for another thread than the window's."""
    _names()
    find_place("Rome")


@lru_cache(maxsize=1)
def _names() -> tuple[tuple[str, str], ...]:
    """(name without case and accents, name) of the stars with a proper name and of the largest towns."""
    shown = [*dict.fromkeys([*star_names().values(), *(place.name for place in largest_places(N_TOWNS))])]
    return tuple((plain_name(name), name) for name in shown)


def suggestions(text: str, n: int = N_SHOWN) -> list[str]:
    """Names that begin with a text, then those that contain it.

    Examples
    --------
    >>> suggestions("aldeb"), suggestions("sao paul"), suggestions(" ")
    (['Aldebaran'], ['São Paulo'], [])
    """
    wanted = plain_name(text)
    if not wanted:
        return []
    begin = [name for key, name in _names() if key.startswith(wanted)]
    inside = [name for key, name in _names() if wanted in key and not key.startswith(wanted)]
    return [*begin, *inside][:n]


def seek(session: Session, state: PanelState) -> None:
    """The field and what it offers; Enter takes the first name, or any town, village or HIP number in full."""
    imgui.set_next_item_width(-1)
    flags = imgui.InputTextFlags_.enter_returns_true
    entered, state.sought = imgui.input_text_with_hint(
        "##seek", "follow a town or a star: its name", state.sought, flags
    )
    offered = suggestions(state.sought)
    chosen = next((name for name in offered if imgui.selectable(f"{name}##offered", False)[0]), None)
    if entered and state.sought.strip():
        exact = [name for name in offered if plain_name(name) == plain_name(state.sought)]
        chosen = exact[0] if exact else state.sought if not offered else offered[0]
    if chosen is not None:
        try:
            follow_named(session, chosen)
            state.sought = ""
        except EarthlimbError as error:
            session.say(str(error), "error")

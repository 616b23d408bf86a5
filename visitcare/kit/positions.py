"""Positions on earth, as phones tell them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

EARTH_RADIUS = 6_371_000


@dataclass(frozen=True, slots=True)
class Position:
    """Degrees of WGS 84, and within how many metres."""

    latitude: float
    longitude: float
    accuracy: int

    def metres_to(self, other: "Position") -> float:
        here, there = math.radians(self.latitude), math.radians(other.latitude)
        across = math.radians(other.longitude - self.longitude)
        chord = (
            math.sin((there - here) / 2) ** 2 + math.cos(here) * math.cos(there) * math.sin(across / 2) ** 2
        )
        return 2 * EARTH_RADIUS * math.asin(math.sqrt(min(1.0, chord)))


@dataclass(frozen=True, slots=True)
class Box:
    """An area between two latitudes and two longitudes, drawn generously."""

    south: float
    west: float
    north: float
    east: float

    def has(self, position: Position) -> bool:
        return self.south <= position.latitude <= self.north and self.west <= position.longitude <= self.east

    @classmethod
    def parse(cls, edges: Sequence[str]) -> Self:
        """Raise ValueError unless these are its south, west, north and east."""
        south, west, north, east = map(float, edges)
        if not (-90 <= south < north <= 90 and -180 <= west < east <= 180):
            raise ValueError("no area on earth")
        return cls(south, west, north, east)


def distance_words(metres: float) -> str:
    """As people say it, no more exact than it is known."""
    if metres < 950:
        return f"约 {round(metres / 100) * 100 or 100} 米"
    return f"约 {metres / 1000:.1f} 公里"

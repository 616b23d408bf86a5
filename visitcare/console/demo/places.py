"""Where the demo plays: three real towns of Qidong, some of their villages, and groups that it makes there."""

import csv
from dataclasses import dataclass
from pathlib import Path

from visitcare.console.demo.chance import Chance
from visitcare.org.actions import DivisionRow, ensure_group, load_divisions
from visitcare.org.models import Division, User

DIVISIONS = Path(__file__).resolve().parent.parent / "data" / "divisions_320681_qidong.csv"
COUNTY = "320681"
TOWNS = ("320681100", "320681110", "320681107")
"""汇龙镇, the county's seat; 吕四港镇; and 海复镇, small enough for one officer."""
SHARES = (10, 8, 6)
ELDERS_A_VILLAGE = 83
MOST_VILLAGES = sum(SHARES)


@dataclass(frozen=True, slots=True)
class Village:
    """A village of the demo with its groups."""

    division: Division
    groups: tuple[Division, ...]


@dataclass(frozen=True, slots=True)
class Town:
    """A town of the demo with the villages that take part."""

    division: Division
    villages: tuple[Village, ...]


@dataclass(frozen=True, slots=True)
class Places:
    """The county and its three towns."""

    county: Division
    towns: tuple[Town, ...]

    @property
    def villages(self) -> list[Village]:
        return [village for town in self.towns for village in town.villages]


def load_places(*, by: User, chance: Chance, elders: int) -> Places:
    """Load all divisions; choose about one village for every 83 elders and give each 3 to 6 groups."""
    with DIVISIONS.open(encoding="utf-8", newline="") as lines:
        load_divisions(by=by, rows=[DivisionRow(**line) for line in csv.DictReader(lines)])
    wanted = min(max(elders // ELDERS_A_VILLAGE, len(TOWNS) * 2), MOST_VILLAGES)
    return Places(
        county=Division.objects.get(code=COUNTY),
        towns=tuple(
            _town(by, chance, code, max(1, wanted * share // MOST_VILLAGES))
            for code, share in zip(TOWNS, SHARES, strict=True)
        ),
    )


def _town(by: User, chance: Chance, code: str, villages: int) -> Town:
    town = Division.objects.get(code=code)
    usable = list(town.children.filter(active=True, name__endswith="村委会").order_by("code"))
    chosen = sorted(chance.some(usable, villages), key=lambda village: village.code)
    return Town(town, tuple(_village(by, chance, village) for village in chosen))


def _village(by: User, chance: Chance, village: Division) -> Village:
    numbers = range(1, chance.number(3, 6) + 1)
    return Village(village, tuple(ensure_group(by=by, village=village, text=str(n)) for n in numbers))

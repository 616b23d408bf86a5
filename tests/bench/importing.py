"""The preview of a roster, as a town looks at it before it is stored, against reading its cells alone."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from elders.importing import ElderImporter
from tests.bench.county import Home
from tests.bench.harness import Fact, Row, once
from tests.bench.roster import save_roster
from visitcare.kit.sheets import open_book
from visitcare.org.importing import run_import
from visitcare.org.models import Division, User

MOST = 20_000


def measure(homes: list[Home]) -> Iterator[Row | Fact]:
    people = min(MOST, sum(len(home.elders) for home in homes))
    villages = Division.objects.filter(level=Division.Level.VILLAGE, active=True)
    with TemporaryDirectory() as folder:
        file = save_roster(
            Path(folder) / "roster.xlsx", list(villages.values_list("code", flat=True)), people
        )

        def read() -> None:
            with open_book(file) as book:
                book.table(ElderImporter.columns)

        def preview() -> None:
            run_import(ElderImporter(User.objects.system(), approve=True), file, dry_run=True)

        floor = once(read)
        before = _forget_peak()
        ours = once(preview)
        grown = _peak() - before
    yield Row("preview of a roster, rows", people, "reading the cells", floor, ours, "≤ 60 s")
    yield Fact("memory of the preview", people, f"{grown // 1024:,} MB", "< 400 MB")


def _forget_peak() -> int:
    """Let the greatest memory be measured anew; the memory now, in KiB."""
    Path("/proc/self/clear_refs").write_text("5")
    return _peak()


def _peak() -> int:
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0])

"""import_deaths FILE.xlsx: the monthly death list; who is on the books is closed as of the day of death."""

from elders.deaths import DeathImporter
from visitcare.org.importing import ImportCommand


class Command(ImportCommand):
    help = "Close the elders on a death list, sheet 1 of an .xlsx (姓名, 居民身份证号码, 死亡日期); others on it are told of."
    importer = DeathImporter

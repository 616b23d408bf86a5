"""import_workers FILE.xlsx: grid workers, village cadres and other visitors with their postings and cards."""

from visitcare.org.importing import ImportCommand
from visitcare.org.workers import WorkerImporter


class Command(ImportCommand):
    help = "Import workers, postings and bank cards from sheet 1 of an .xlsx (姓名, 手机号, 村(社区)代码, …)."
    importer = WorkerImporter

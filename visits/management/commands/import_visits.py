"""import_visits FILE.xlsx: the older mini-program's records, with the reviews they carry."""

from visitcare.org.importing import ImportCommand
from visits.importing import VisitImporter


class Command(ImportCommand):
    help = "Import visits from sheet 1 of an .xlsx (网格员手机号, 老人身份证号码, 探访方式, 探访时间, 结果, 审核, …)."
    importer = VisitImporter

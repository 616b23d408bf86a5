"""Import of elders and their families (contracts.md, *Elders*): one sheet, and a second one for the families."""

from elders.importing.elders import ElderImporter
from elders.importing.members import MemberImporter

__all__ = ["ElderImporter", "MemberImporter"]

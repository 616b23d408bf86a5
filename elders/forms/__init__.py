"""Annex 3 as the town types it in, in parts.

`answers` are the questions about one elder, with what follows from the answers; `home` those about the household;
`pages` the forms that ask them: somebody new, one more of a household, a new version, the household itself; `meeting`
what happens when two people have the same file open.
"""

from elders.forms.answers import ABILITY, CONSENT, PARTS, RegistrationFields, day_field, form_data
from elders.forms.home import elders_too, write_home
from elders.forms.pages import CohabitantForm, HomeForm, NewElderForm, NewVersionForm, find_household

__all__ = [
    "ABILITY",
    "CONSENT",
    "PARTS",
    "CohabitantForm",
    "HomeForm",
    "NewElderForm",
    "NewVersionForm",
    "RegistrationFields",
    "day_field",
    "elders_too",
    "find_household",
    "form_data",
    "write_home",
]

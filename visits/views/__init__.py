"""The pages of whoever visits: the week, one record, my records. Server-rendered; everything works without script."""

from visits.views.mine import my_visits
from visits.views.phone import RoundView, manifest, service_worker, shell
from visits.views.photos import photo
from visits.views.plan import move_plan
from visits.views.recheck import ask_recheck
from visits.views.record import correct_record, record_visit, withdraw_record
from visits.views.unreached import answer_chain
from visits.views.week import home

__all__ = [
    "RoundView",
    "answer_chain",
    "ask_recheck",
    "correct_record",
    "home",
    "manifest",
    "move_plan",
    "my_visits",
    "photo",
    "record_visit",
    "service_worker",
    "shell",
    "withdraw_record",
]

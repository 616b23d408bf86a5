"""The only writers of the registry."""

from elders.actions.care import agree_care_plan
from elders.actions.classification import acknowledge_classes, reclassify, write_class_history
from elders.actions.households import (
    assign_worker,
    fill_address,
    open_household,
    remove_member,
    write_conditions,
    write_member,
)
from elders.actions.illnesses import list_illness, use_illness
from elders.actions.life import (
    close_elder,
    end_pause,
    end_pauses_that_are_over,
    pause_elder,
    reopen_elder,
)
from elders.actions.printing import record_printing
from elders.actions.registration import (
    FormData,
    approve_form,
    judge_again,
    register_elder,
    return_form,
    submit_form,
)
from elders.actions.screening import (
    ScreeningClosed,
    close_screening,
    meet_person,
    open_screening,
    refresh_screenings,
    screen_person,
    take_back_person,
)

__all__ = [
    "FormData",
    "ScreeningClosed",
    "acknowledge_classes",
    "agree_care_plan",
    "approve_form",
    "assign_worker",
    "close_elder",
    "close_screening",
    "end_pause",
    "end_pauses_that_are_over",
    "fill_address",
    "judge_again",
    "list_illness",
    "meet_person",
    "open_household",
    "open_screening",
    "pause_elder",
    "reclassify",
    "record_printing",
    "refresh_screenings",
    "register_elder",
    "remove_member",
    "reopen_elder",
    "return_form",
    "screen_person",
    "submit_form",
    "take_back_person",
    "use_illness",
    "write_class_history",
    "write_conditions",
    "write_member",
]

"""The only writers of the registry."""

from elders.actions.classification import (
    acknowledge_classes,
    judge_household,
    reclassify,
    write_class_history,
)
from elders.actions.households import assign_worker, fill_address, open_household, write_member
from elders.actions.life import (
    close_elder,
    end_pause,
    end_pauses_that_are_over,
    pause_elder,
    reopen_elder,
)
from elders.actions.registration import (
    FormData,
    approve_form,
    judge_again,
    register_elder,
    return_form,
    submit_form,
)

__all__ = [
    "FormData",
    "acknowledge_classes",
    "approve_form",
    "assign_worker",
    "close_elder",
    "end_pause",
    "end_pauses_that_are_over",
    "fill_address",
    "judge_again",
    "judge_household",
    "open_household",
    "pause_elder",
    "reclassify",
    "register_elder",
    "reopen_elder",
    "return_form",
    "submit_form",
    "write_class_history",
    "write_member",
]

"""The only writers of the registry."""

from elders.actions.assessments import Assessed, record_assessment
from elders.actions.classification import acknowledge_classes, reclassify, write_class_history
from elders.actions.households import assign_worker, fill_address, open_household, write_member
from elders.actions.life import (
    close_elder,
    end_pause,
    end_pauses_that_are_over,
    pause_elder,
    reopen_elder,
)
from elders.actions.overrides import (
    approve_override,
    continue_override,
    end_override,
    propose_override,
    return_override,
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
    "Assessed",
    "FormData",
    "acknowledge_classes",
    "approve_form",
    "approve_override",
    "assign_worker",
    "close_elder",
    "continue_override",
    "end_override",
    "end_pause",
    "end_pauses_that_are_over",
    "fill_address",
    "judge_again",
    "open_household",
    "pause_elder",
    "propose_override",
    "reclassify",
    "record_assessment",
    "register_elder",
    "reopen_elder",
    "return_form",
    "return_override",
    "submit_form",
    "write_class_history",
    "write_member",
]

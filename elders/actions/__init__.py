"""The only writers of the registry."""

from elders.actions.classification import acknowledge_classes, reclassify, write_class_history
from elders.actions.consents import write_consent
from elders.actions.households import assign_worker, fill_address, open_household, write_member
from elders.actions.life import (
    close_elder,
    end_pause,
    end_pauses_that_are_over,
    pause_elder,
    reopen_elder,
    review_pause,
)
from elders.actions.merging import merge_elders
from elders.actions.moving import (
    accept_move,
    astray,
    carry_out_moves,
    propose_move,
    send_back_move,
    withdraw_move,
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
    "accept_move",
    "acknowledge_classes",
    "approve_form",
    "assign_worker",
    "astray",
    "carry_out_moves",
    "close_elder",
    "end_pause",
    "end_pauses_that_are_over",
    "fill_address",
    "judge_again",
    "merge_elders",
    "open_household",
    "pause_elder",
    "propose_move",
    "reclassify",
    "register_elder",
    "reopen_elder",
    "return_form",
    "review_pause",
    "send_back_move",
    "submit_form",
    "withdraw_move",
    "write_class_history",
    "write_consent",
    "write_member",
]

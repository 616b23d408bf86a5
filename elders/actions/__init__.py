"""The only writers of the registry."""

from elders.actions.assessments import Assessed, record_assessment
from elders.actions.care import agree_care_plan
from elders.actions.classification import (
    acknowledge_classes,
    judge_household,
    reclassify,
    write_class_history,
)
from elders.actions.consents import write_consent
from elders.actions.drafts import (
    KEPT_FOR,
    discard_draft,
    forget_old_drafts,
    keep_answers,
    start_draft,
    submit_draft,
)
from elders.actions.home_changes import HomeChanges, MemberChange
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
from elders.actions.overrides import (
    approve_override,
    continue_override,
    end_override,
    propose_override,
    return_override,
)
from elders.actions.printing import record_printing
from elders.actions.registration import (
    FormData,
    RegistrationError,
    approve_form,
    judge_again,
    note_unseen,
    register_elder,
    return_form,
    submit_form,
)
from elders.actions.rounds import (
    arrange_stand_in,
    end_stand_in,
    may_arrange,
    say_away,
    say_weekdays_off,
    take_back_away,
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
    "KEPT_FOR",
    "Assessed",
    "FormData",
    "HomeChanges",
    "MemberChange",
    "RegistrationError",
    "ScreeningClosed",
    "accept_move",
    "acknowledge_classes",
    "agree_care_plan",
    "approve_form",
    "approve_override",
    "arrange_stand_in",
    "assign_worker",
    "astray",
    "carry_out_moves",
    "close_elder",
    "close_screening",
    "continue_override",
    "discard_draft",
    "end_override",
    "end_pause",
    "end_pauses_that_are_over",
    "end_stand_in",
    "fill_address",
    "forget_old_drafts",
    "judge_again",
    "judge_household",
    "keep_answers",
    "list_illness",
    "may_arrange",
    "meet_person",
    "merge_elders",
    "note_unseen",
    "open_household",
    "open_screening",
    "pause_elder",
    "propose_move",
    "propose_override",
    "reclassify",
    "record_assessment",
    "record_printing",
    "refresh_screenings",
    "register_elder",
    "remove_member",
    "reopen_elder",
    "return_form",
    "return_override",
    "review_pause",
    "say_away",
    "say_weekdays_off",
    "screen_person",
    "send_back_move",
    "start_draft",
    "submit_draft",
    "submit_form",
    "take_back_away",
    "take_back_person",
    "use_illness",
    "withdraw_move",
    "write_class_history",
    "write_conditions",
    "write_consent",
    "write_member",
]

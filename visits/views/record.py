"""One contact with a household: recorded, corrected, taken back."""

from hashlib import sha256
from typing import Any
from uuid import UUID, uuid5

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from elders.models import Household
from visitcare.kit.pictures import PictureRefused
from visitcare.kit.spoken import moment_words
from visitcare.kit.weeks import local_day, today
from visitcare.org.actions import NotAllowed
from visitcare.org.models import User
from visitcare.org.pages import SignedInRequest, way_back, worker_page
from visitcare.org.unsent import LOST_FILES
from visitcare.org.views import turn_big_text
from visits import queries
from visits.actions import (
    PhotoConflict,
    VisitConflict,
    VisitRefused,
    add_photo,
    correct_visit,
    log_visit,
    withdraw_kept,
    withdraw_visit,
)
from visits.cards import result_words
from visits.forms import RecordForm, answered, as_recorded, blank
from visits.models import KeptBack, Referral, Visit
from visits.rules import is_late
from visits.unreached import chains_of

MOST_PHOTO_BYTES = 12 * 1024 * 1024
MOST_PHOTO_PIXELS = 50_000_000
"""Without script a photograph comes as the camera of a phone made it."""
NOT_SAVED = (
    "“有情况”里选了、写了的，还没有保存。要报，点“有情况，我来说”，再点“保存这次记录”；不报，点进去把它点掉。"
)


@worker_page
@require_http_methods(["GET", "POST"])
def record_visit(request: SignedInRequest, household: UUID) -> HttpResponse:
    """One contact with a household; `?mode=` preselects the way."""
    found = get_object_or_404(queries.field_households(request.user).select_related("place"), pk=household)
    return _RecordPage(request, found).respond()


@worker_page
@require_http_methods(["GET", "POST"])
def correct_record(request: SignedInRequest, visit: UUID) -> HttpResponse:
    """更正: the same form, filled with what was recorded; the new record takes the old one's place."""
    old = _own_visit(request, visit)
    if request.method == "GET" and old.state not in (Visit.State.PENDING, Visit.State.RETURNED):
        messages.warning(request, "这条已经审核过或撤回了，不能再更正。有问题请打电话给镇里。")
        return redirect("my_visits")
    if not queries.field_households(request.user).filter(pk=old.household_id).exists():
        messages.warning(request, "这户现在不归您探访了，不能再更正。写错了的，可以撤回，或者打电话给镇里。")
        return redirect("my_visits")
    return _RecordPage(request, old.household, old).respond()


@worker_page
@require_POST
def withdraw_record(request: SignedInRequest, visit: UUID) -> HttpResponse:
    """撤回, until the town has reviewed it; also of what waits and is no visit yet."""
    if not Visit.objects.filter(pk=visit).exists():
        return _withdraw_kept(request, visit)
    old = _own_visit(request, visit)
    try:
        withdraw_visit(by=request.user, visit=old)
    except VisitRefused as refused:
        messages.error(request, str(refused))
    else:
        names = "、".join(old.elders.order_by("birth_date").values_list("name", flat=True))
        messages.success(request, f"撤回了：{names}，{old.get_mode_display()}。这条不算了。")
    return redirect(way_back(request))


def _withdraw_kept(request: SignedInRequest, key: UUID) -> HttpResponse:
    if not KeptBack.objects.filter(received__item=key, received__sender=request.user).exists():
        raise Http404
    if withdraw_kept(by=request.user, item=key):
        messages.success(request, "撤回了，这条不算了。")
    else:
        messages.error(request, "这条镇里已经处理过了，不用撤回。有问题请打电话给镇里。")
    return redirect(way_back(request))


def _own_visit(request: SignedInRequest, visit: UUID) -> Visit:
    own = Visit.objects.visible_to(request.user).filter(worker=request.user)
    return get_object_or_404(own.select_related("household__place"), pk=visit)


class _RecordPage:
    """The form in its two steps, and what its buttons do."""

    def __init__(self, request: SignedInRequest, household: Household, old: Visit | None = None) -> None:
        self.request = request
        self.user: User = request.user
        self.household = household
        self.old = old
        self.people = queries.people_of(household)
        self.asked = self._asked()

    def _asked(self) -> list[Referral]:
        """What is open; of a correction, what was before it and the old record did not find itself, with what it saw
        solved: that is asked again."""
        also = answered(self.request.POST)
        if self.old is None:
            return queries.open_referrals(self.household, also=also)
        solved = self.old.solved.values_list("pk", flat=True)
        asked = queries.open_referrals(self.household, also=[*also, *solved])
        return [one for one in asked if one.visit_id != self.old.pk and one.opened_at <= self.old.started_at]

    def respond(self) -> HttpResponse:
        if self.request.method == "GET":
            mode = self.request.GET.get("mode", "")
            begin = as_recorded(self.old) if self.old else blank(self.people, mode)
            return self.show(self.form(initial=begin))
        form = self.form(self.request.POST)
        pressed = self.request.POST.get("result", "")
        if pressed == "big":
            turn_big_text(self.request)
        if pressed in ("big", "back"):
            again = self.form(initial=form.typed)
            return self.show(again, details=pressed == "big" and self.request.POST.get("step") == "details")
        if not form.is_valid():
            return self.show(form, details=form.is_wrong_in_second_step_only, mistakes=form.mistakes)
        if pressed == "details":
            return self.show(self.form(initial=form.typed), details=True)
        if pressed not in ("ok", "found", "absent", "declined"):
            return self.show(form, mistakes=["没有点是什么情况。请点下面的一个按钮。"])
        if pressed == "found" and not form.findings():
            nothing = "还没有选哪里有情况。请点开一项选一选；都好的话，点“返回”，再点“一切正常”。"
            return self.show(form, details=True, mistakes=[nothing])
        if pressed != "found" and form.findings():
            return self.show(form, mistakes=[NOT_SAVED])
        return self.save(form, pressed)

    def form(self, data: Any = None, initial: dict[str, Any] | None = None) -> RecordForm:
        return RecordForm(data, initial=initial, people=self.people, open_referrals=self.asked)

    def show(
        self, form: RecordForm, *, details: bool = False, mistakes: list[str] | None = None
    ) -> HttpResponse:
        """The second step holds its own mistakes; those of the first lead back to it."""
        template = "visits/details.html" if details else "visits/record.html"
        context = {
            "form": form,
            "household": self.household,
            "old": self.old,
            "old_result": self._old_result(),
            "plans": queries.care_plans(self.people),
            "already": [] if self.old else queries.recorded_today(self.household),
            "mistakes": mistakes or [],
            "here": self.request.get_full_path(),
            "photo_again": bool(self.request.FILES),  # a browser fills in no file by itself
        }
        return render(self.request, template, context)

    def _old_result(self) -> str:
        if self.old is None:
            return ""
        found = self.old.referrals.exists()
        return result_words(self.old.outcome, found=found, imported=self.old.imported)

    def save(self, form: RecordForm, pressed: str) -> HttpResponse:
        said = form.said(pressed)
        visit_id = form.cleaned_data["visit_id"]
        try:
            if self.old:
                logged = correct_visit(by=self.user, visit=self.old, visit_id=visit_id, **said)
            else:
                logged = log_visit(by=self.user, visit_id=visit_id, worker=self.user, **said)
        except VisitRefused as refused:
            for refusal in refused.refusals:
                form.add_error(refusal.field if refusal.field in form.fields else None, refusal.words)
            return self.show(form, mistakes=form.mistakes)
        except VisitConflict:
            stored = "刚才已经记下一条了，这次点的没有收。要改，请到“我的记录”里点“更正”。"
            return self.show(form, mistakes=[stored])
        except NotAllowed as refused:
            return self.show(form, mistakes=[str(refused)])
        self._tell(form, pressed, logged.visit)
        self._add_photo(logged.visit)
        return redirect("home")

    def _add_photo(self, visit: Visit) -> None:
        """The record is stored, whatever becomes of its photograph. Sent twice, it is the same one."""
        file = self.request.FILES.get("photo")
        if file is None:
            if LOST_FILES in self.request.POST:
                messages.warning(self.request, "照片没有带过来，没有收；记录已经收好了，不用再记。")
            return
        try:
            if (file.size or 0) > MOST_PHOTO_BYTES:
                raise PictureRefused(f"照片太大，最多 {MOST_PHOTO_BYTES // 1024**2} MB。")
            content = file.read()
            key = uuid5(visit.pk, sha256(content).hexdigest())
            add_photo(by=self.user, visit=visit.pk, photo=key, content=content, most_pixels=MOST_PHOTO_PIXELS)
        except (PictureRefused, PhotoConflict) as refusal:
            messages.warning(self.request, f"照片没有收：{refusal}记录已经收好了，不用再记。")
        else:
            messages.success(self.request, "照片也收到了。")

    def _tell(self, form: RecordForm, pressed: str, visit: Visit) -> None:
        """What was recorded, or what happens next; with the number of the record, so that it can be taken back."""
        names, when = form.names, _when_words(visit)
        if pressed == "absent":
            words = f"{when}没联系上{names}。{self._chain_words(visit)}"
            messages.warning(self.request, words, extra_tags=str(visit.pk))
            return
        how = {
            "ok": "一切正常",
            "found": f"有情况：{_found_words(visit)}",
            "declined": "老人不愿意",
        }[pressed]
        words = f"记好了：{when}{names}，{visit.get_mode_display()}，{how}。"
        if pressed == "found" and any(referral.owner == "town" for referral in visit.referrals.all()):
            words += "镇里会跟进。"
        if pressed == "declined":
            words += self._chain_words(visit)
        if is_late(visit.started_at, visit.received_at):
            words += "这一条补得太晚，过了那周的期限：探访算数，但不计酬。日期写错了的，请点“更正”。"
            messages.warning(self.request, words, extra_tags=str(visit.pk))
            return
        messages.success(self.request, words, extra_tags=str(visit.pk))

    def _chain_words(self, visit: Visit) -> str:
        """What happens next, for the elder whose time is over first; nothing when somebody has reached them since."""
        elders = list(visit.visited.values_list("elder", flat=True))
        chain = next(iter(chains_of(elders).values()), None)
        return f"{chain.to_do}{chain.what_follows}" if chain else "已经有人联系上了，不用再找。"


def _when_words(visit: Visit) -> str:
    """When it was, unless that was today."""
    day = local_day(visit.started_at)
    return "" if day == today() else f"{moment_words(visit.started_at, today=today())}，"


def _found_words(visit: Visit) -> str:
    return "；".join(dict.fromkeys(referral.short for referral in visit.referrals.all()))

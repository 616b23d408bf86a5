"""The file itself on an elder's page: who it is about, whether there is another one, and what it lacks."""

from collections.abc import Iterable

from django.db.models import Q
from django.urls import reverse

from elders.admin.words import status_badge
from elders.completeness import GAPS, with_gaps
from elders.models import Elder
from visitcare.kit.admin import Facts, Included, OfficeRequest, Section, Table, day, link, page_url
from visitcare.kit.masking import mask_id_number, mask_phone
from visitcare.org.roles import Right


def other_files(request: OfficeRequest, elder: Elder) -> Iterable[Section]:
    """The other files of the same person: the one this went into, or those that came into this one."""
    of_person = Elder.objects.filter(Q(pk=elder.merged_into_id) | Q(merged_into=elder))
    visible = set(
        Elder.objects.visible_to(request.user).filter(pk__in=of_person).values_list("pk", flat=True)
    )
    rows = [
        (
            link(one, page_url(one)) if one.pk in visible else one.name,
            one.household.place.path,
            one.masked_id_number,
            status_badge(one),
            one.closed_on or "—",
        )
        for one in of_person.select_related("household__place")
    ]
    if rows:
        gone = elder.merged_into_id is not None
        yield Table(
            "这份档案已并入另一份" if gone else "并入的档案",
            "" if gone else "同一个人的另一份档案。那一份的登记、类别和探访都在那里，没有改动。",
            heads=("姓名", "村（居）/组", "证件号码", "状态", "注销日期"),
            rows=rows,
        )


def completeness(request: OfficeRequest, elder: Elder) -> Section:
    """一户一档: what is still missing, and where to fill it in."""
    lacking = [GAPS[code] for code in with_gaps(Elder.objects.filter(pk=elder.pk)).get().gaps]  # type: ignore[attr-defined]
    may = request.user.may(Right.REGISTER_ELDER, elder.household.place_id)
    it = {
        "all": len(GAPS),
        "known": len(GAPS) - len(lacking),
        "of_elder": "、".join(gap.words for gap in lacking if not gap.of_home),
        "of_home": "、".join(gap.words for gap in lacking if gap.of_home),
        "renew": reverse("admin:elders_elder_renew", args=[elder.pk]) if may else "",
        "home": reverse("admin:elders_household_home", args=[elder.household_id]) if may else "",
    }
    return Included("一户一档完整程度", include="admin/elders/gaps.html", it=it)


def contacts(elder: Elder) -> Section:
    rows = [
        ("联系电话", elder.masked_phone or "—"),
        ("紧急联系人", f"{elder.emergency_name} {elder.get_emergency_sex_display()}".strip() or "—"),
        ("紧急联系人电话", mask_phone(elder.emergency_phone) or "—"),
        ("户籍地址", elder.hukou_address or "—"),
        ("残疾人证号码", mask_id_number(elder.disability_number) or "—"),
        ("证件类型", elder.get_paper_kind_display()),
        ("出生日期", elder.birth_date),
        ("户", link(elder.household, page_url(elder.household))),
    ]
    if elder.closed_on:
        rows.append(("注销", f"{elder.get_close_reason_display()}，{day(elder.closed_on)}"))
    return Facts("联系", rows=rows)

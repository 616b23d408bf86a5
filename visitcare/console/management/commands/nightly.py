"""nightly: whatever is due today; run it again and nothing more happens."""

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand

from elders.actions import (
    astray,
    carry_out_moves,
    end_pauses_that_are_over,
    forget_old_drafts,
    reclassify,
    refresh_screenings,
)
from visitcare.kit.weeks import Week, today
from visitcare.org.cards import forget_old_cards
from visitcare.org.importing import acting_user, forget_old_batches
from visitcare.org.throttling import delete_old_tries
from visits.actions import (
    accept_unflagged,
    close_weeks,
    forget_old_photos,
    open_week,
    reckon_changes,
    take_what_waits,
    tell_towns,
)


class Command(BaseCommand):
    help = "End pauses that are over, carry out moves whose day has come, reclassify, bring the lists of open screenings up to date, open this week and (on Sundays) the next, take in what phones have sent and nobody judged, accept unflagged visits, close the weeks whose timely entry has ended and reckon the closed ones again where something changed, keep in mind whom nobody has reached, delete ended sessions, old wrong passwords, login cards that nobody used, uploads that nobody confirmed, photographs that have served and registrations that nobody went on with. Idempotent; run it daily."

    def handle(self, *_: Any, **__: Any) -> None:
        by = acting_user(None)
        self.stdout.write(f"暂停到期：{end_pauses_that_are_over(by=by)} 人")
        moved = carry_out_moves(by=by)
        self.stdout.write(f"迁移到期：{moved.elders} 人")
        for words in moved.failed:
            self.stderr.write(words)
        if lost := astray().count():
            self.stderr.write(
                f"住处不一致：{lost} 人的户和住处记录对不上。请让系统管理员核对是谁绕过系统改了数据。"
            )
        classes = reclassify(by=by)
        self.stdout.write(f"分类：{len(classes.begun)} 人有变化")
        self.stdout.write(f"排摸名单：增加 {refresh_screenings(by=by)} 人")
        week = Week.of(today())
        weeks = (
            [week, week.next] if today() == week.sunday else [week]
        )  # this week too: a Sunday may have been missed
        for one in weeks:
            opened = open_week(by=by, week=one)
            self.stdout.write(f"{one.label} 周：新增任务 {opened.obligations} 人")
        self.stdout.write(f"手机发来、还没处理的：{take_what_waits()} 条")
        self.stdout.write(f"自动通过探访：{accept_unflagged(by=by)} 条")
        self.stdout.write(f"没联系上，报给镇里：{tell_towns(by=by)} 人")
        for closed in close_weeks(by=by):
            self.stdout.write(f"关闭 {closed.week.label} 周：{closed.words or '没有人有任务'}")
        self.stdout.write(f"已关闭的周重新核算：{reckon_changes(by=by)} 人有变化")
        delete_old_tries()
        forget_old_cards()
        forget_old_drafts()
        self.stdout.write(f"到期的照片：删除 {forget_old_photos()} 张")
        self.stdout.write(f"没人确认的上传：删除 {forget_old_batches()} 批")
        call_command("clearsessions")

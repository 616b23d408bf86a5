"""rotate_key: encrypt all personal data with a new key; run again after an interruption, it goes on."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from visitcare.audit.actions import record
from visitcare.kit.encryption import keyring
from visitcare.kit.rekeying import add_key, alone, drop_old_keys, is_finished, seal_again, sealed_models
from visitcare.org.importing import acting_user


class Command(BaseCommand):
    help = "Put a new key first into the keyring and encrypt all personal data with it. --drop-old then removes the old ones."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--drop-old", action="store_true", help="remove the keys that nothing needs any more"
        )
        parser.add_argument("--by", help="user name of whoever does it; by default the system")

    def handle(self, *_: Any, drop_old: bool, by: str | None, **__: Any) -> None:
        actor = acting_user(by)
        with alone() as is_alone:
            if not is_alone:
                raise CommandError("另一个 rotate_key 正在运行。请等它完了再运行。")
            if drop_old:
                self._drop(actor)
            else:
                self._rotate(actor)

    def _rotate(self, actor: Any) -> None:
        if not settings.PERSONAL_DATA_KEY and is_finished():
            add_key()
        current = keyring().current
        count = 0
        for model in sealed_models():
            sealed = seal_again(model)
            if sealed:
                self.stdout.write(f"{model._meta.verbose_name}：{sealed} 条")
            count += sealed
        if count:
            record(by=actor, verb="rotate_key", words=f"更换个人信息密钥，用 {current} 重新加密 {count} 条")
        if settings.PERSONAL_DATA_KEY:
            then = "请到设置 VISITCARE_KEY 的地方删除旧密钥，再重启服务"
        else:
            then = "请马上备份密钥，重启服务，再运行 rotate_key --drop-old 删除旧密钥"
        self.stdout.write(
            f"已用 {current} 重新加密 {count} 条。{then}；旧的数据库备份还要用旧密钥才能读，请和备份一起另存。"
        )

    def _drop(self, actor: Any) -> None:
        if settings.PERSONAL_DATA_KEY:
            raise CommandError("密钥在 VISITCARE_KEY 里，不在文件里。请到设置它的地方删除旧密钥。")
        if not is_finished():
            raise CommandError("还有用旧密钥加密的数据，没有删除。请先运行 rotate_key，不带 --drop-old。")
        dropped = drop_old_keys()
        if not dropped:
            raise CommandError("没有旧密钥可以删除。")
        record(by=actor, verb="drop_old_keys", words=f"删除旧的个人信息密钥：{'、'.join(dropped)}")
        self.stdout.write(f"已删除 {'、'.join(dropped)}，现在只用 {keyring().current}。请备份密钥文件。")

"""A worker's phone in the browser tests: the week that it keeps, what is tapped, what is on it."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import Any

from playwright.sync_api import Error, Locator, Page, Route, expect

from visitcare.org.models import User
from visits.models import Visit

BORN = date(1950, 1, 1)
"""Of the elder of these stories."""
KEEPS = """async ([person, holding]) => {
  await navigator.serviceWorker.ready;
  const name = `visitcare-${person}`;
  if (!(await indexedDB.databases()).some((one) => one.name === name)) return false;
  const open = indexedDB.open(name);
  await new Promise((done) => { open.onsuccess = done; });
  const kept = open.result.transaction("kept").objectStore("kept").get("round");
  await new Promise((done) => { kept.onsuccess = done; });
  open.result.close();
  return Boolean(kept.result) && JSON.stringify(kept.result).includes(holding) && (await caches.keys()).length > 0;
}"""
DUMP = """async () => {
  const found = {};
  for (const { name } of await indexedDB.databases()) {
    const open = indexedDB.open(name);
    await new Promise((done) => { open.onsuccess = done; });
    for (const store of open.result.objectStoreNames) {
      const rows = open.result.transaction(store).objectStore(store).getAll();
      await new Promise((done) => { rows.onsuccess = done; });
      found[`${name}/${store}`] = rows.result;
    }
    open.result.close();
  }
  return { ...found, local: { ...localStorage }, session: { ...sessionStorage } };
}"""
CHANGE = """async (name) => {
  const open = indexedDB.open(name);
  await new Promise((done) => { open.onsuccess = done; });
  const store = open.result.transaction("%(store)s", "readwrite").objectStore("%(store)s");
  const rows = store.getAll();
  await new Promise((done) => { rows.onsuccess = done; });
  rows.result.forEach((row) => store.put(%(row)s));
  await new Promise((done) => { store.transaction.oncomplete = done; });
  open.result.close();
}"""
FULL = """() => {
  const put = IDBObjectStore.prototype.put;
  IDBObjectStore.prototype.put = function (...said) {
    const asked = put.apply(this, said);
    asked.addEventListener("success", () => this.transaction.abort());
    return asked;
  };
  const error = { get: () => new DOMException("full", "QuotaExceededError") };
  Object.defineProperty(IDBTransaction.prototype, "error", error);
}"""
SYNC = "**/api/v1/sync/"


@dataclass
class Pocket:
    """A phone with 本周探访 open, and whose it is."""

    page: Page
    person: User

    def keep_the_week(self, holding: str = "") -> "Pocket":
        """Until the phone has everything that it needs without a signal, some words among it."""
        self.page.goto("/")
        self.until(lambda: bool(self.read(KEEPS, [str(self.person.pk), holding])))
        return self

    def lose_the_signal(self) -> None:
        self.page.context.set_offline(True)

    def find_a_signal(self) -> None:
        self.page.context.set_offline(False)

    def fill_up(self) -> None:
        """Not a byte more fits into the phone, on this page or the next."""
        self.page.add_init_script(f"({FULL})()")
        self.page.evaluate(FULL)

    def open(self, path: str = "/") -> None:
        """A page that has found a signal may be coming back by itself at the same moment."""
        try:
            self.page.goto(path)
        except Error:
            self.page.goto(path)

    def card(self, name: str) -> Locator:
        return self.page.locator("li.card", has_text=name)

    def open_record(self, name: str) -> None:
        self.card(name).get_by_role("link", name="记录").click()
        expect(self.page.get_by_role("heading", name="记录探访")).to_be_visible()
        expect(
            self.page.locator("form#record > [data-of-step=details]")
        ).to_be_attached()  # by the script, which is there from now on

    def visit_by(self, mode: str, result: str, name: str = "黄玉珍") -> None:
        self.open_record(name)
        self.page.locator("label.pick", has_text=mode).first.click()
        self.page.get_by_role("button", name=result).click()

    def visit(self, name: str, result: str = "一切正常", mode: str = "上门") -> None:
        """记录 → 上门 → 一切正常, and the next page."""
        self.visit_by(mode, result, name)
        expect(self.page.get_by_role("heading", name="本周探访")).to_be_visible()

    def take_back(self) -> None:
        """The one record on 我的记录, with two taps."""
        self.page.get_by_role("button", name="撤回").click()
        self.page.get_by_role("button", name="再点一次，就撤回").click()
        expect(self.page.locator("li[data-item]")).to_contain_text("已撤回")

    @property
    def strip(self) -> Locator:
        return self.page.locator(".outbox")

    def waits(self, number: int) -> None:
        expect(self.strip).to_contain_text(f"等待发送 {number} 条")

    def until(self, holds: Callable[[], bool]) -> None:
        """The phone works on; what is asked for comes true within 20 seconds."""
        for _ in range(200):
            if holds():
                return
            self.page.wait_for_timeout(100)
        raise AssertionError("it did not come true")

    def send(self) -> None:
        """The queue goes out by itself now and then; this is one of these moments."""
        self.page.evaluate("window.dispatchEvent(new Event('online'))")

    def time_passes(self, *, days: int = 0, minutes: int = 0, seconds: int = 0) -> None:
        """On the phone (its clock is installed); the server has a moment to answer."""
        self.page.clock.run_for(((days * 24 * 60 + minutes) * 60 + seconds) * 1000)
        self.page.wait_for_timeout(400)

    def answer_to_sync(self, answer: Callable[[Route], None], *, times: int | None = None) -> None:
        self.page.context.route(SYNC, answer, times=times)

    def answer_as_ever(self) -> None:
        self.page.context.unroute(SYNC)

    def read(self, script: str, asked: Any = None) -> Any:
        """What stands on the phone; read again when the page was coming back by itself just then."""
        for _ in range(5):
            with suppress(Error):
                return self.page.evaluate(script, asked)
            self.page.wait_for_load_state()
        return self.page.evaluate(script, asked)

    def dump(self) -> dict[str, Any]:
        """Everything that stands on the phone."""
        return dict(self.read(DUMP))

    def change(self, store: str, row: str) -> None:
        """What each row of a store is to be instead, written as script about `row`."""
        self.page.evaluate(CHANGE % {"store": store, "row": row}, f"visitcare-{self.person.pk}")

    def queue(self) -> list[dict[str, Any]]:
        """In the order in which they were made."""
        items = self.dump().get(f"visitcare-{self.person.pk}/outbox", [])
        return sorted(items, key=lambda item: int(item["made_at"]))

    def drafts(self) -> list[dict[str, Any]]:
        return list(self.dump().get(f"visitcare-{self.person.pk}/drafts", []))


def refusing(status: int, **headers: str) -> Callable[[Route], None]:
    """The whole batch is answered with this number."""
    return lambda route: route.fulfill(status=status, headers=headers, body="")


def losing_the_answer(route: Route) -> None:
    """The server has it, the phone does not know."""
    route.fetch()
    with suppress(Error):  # the page may have left meanwhile
        route.abort()


def stored() -> list[tuple[str, str, str]]:
    """In the order of their time, which is a minute; within one, as they arrived."""
    visits = Visit.objects.order_by("started_at", "received_at")
    return list(visits.values_list("mode", "outcome", "state"))

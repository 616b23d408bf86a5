"""The outbox by itself, in a browser: whatever the tabs, the clock and the server do, nothing is lost and nothing is told
that is not so."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser import PHONE

pytestmark = pytest.mark.bad_signal
SETTING = """
  const { Outbox, uuid } = await import("/static/phone/outbox.js");
  const { open } = await import("/static/phone/store.js");
  const store = await open(uuid());
  const sent = [];
  let answer = (items) => new Response(JSON.stringify({ items: items.map(({ id }) => ({ id, status: 201 })) }));
  window.fetch = async (address, { body }) => {
    const { items } = JSON.parse(body);
    sent.push(items.map((item) => `${item.kind} ${names[item.id] || item.id}`));
    return answer(items);
  };
  const made = (more) => new Outbox(store, { address: "/", release: "1", token: async () => "", changed: () => {}, ...more });
  const outbox = made();
  const names = {};
  const add = async (name, more) => {
    const id = uuid();
    names[id] = name;
    await outbox.add({ id, kind: "visit", names: name, words: "", record: { mode: "home", notes: { health: "头晕" } }, ...more });
    return id;
  };
  const states = async () => (await outbox.items()).map((item) => item.state);
  const each = (status, more) => (items) => (
    new Response(JSON.stringify({ items: items.map(({ id }) => ({ id, status, ...more })) }))
  );
"""


@pytest.fixture
def outbox(open_page: Callable[..., Page]) -> Callable[[str], Any]:
    """Runs a piece of script beside an empty outbox and a server that takes everything, and answers with its result."""
    page = open_page(**PHONE)
    page.goto("/healthz")
    return lambda script: page.evaluate("async () => {" + SETTING + script + "}")


def test_what_is_taken_back_while_a_batch_begins_is_not_sent(outbox: Callable[[str], Any]) -> None:
    said = outbox("""
      const ids = [];
      for (const name of ["one", "two", "three"]) ids.push(await add(name));
      const sending = outbox.send();
      await outbox.takeBack(ids[2]);
      await sending;
      await outbox.send();
      return [sent, await states()];
    """)
    (batches, states) = said
    if states[2] == "cancelled" and len(states) == 3:
        assert batches == [["visit one", "visit two"]]
    else:
        assert batches[-1][0].startswith("withdrawal")
        assert states[2] == "cancelled"


def test_change_waits_for_what_it_changes(outbox: Callable[[str], Any]) -> None:
    batches, states = outbox("""
      const id = await add("one");
      answer = each(503);
      await outbox.send();
      await outbox.takeBack(id);
      answer = each(201);
      await outbox.send();
      const before = sent.length;
      await store.change([id], (item) => Object.assign(item, { after: 0 }));
      await outbox.send();
      return [sent.map((batch) => batch[0].split(" ")[0]), await states()];
    """)
    assert batches == ["visit", "visit", "withdrawal"]
    assert states == ["cancelled", "received"]


def test_order_is_kept_when_the_clock_is_put_back(outbox: Callable[[str], Any]) -> None:
    order = outbox("""
      await add("first");
      const then = Date.now;
      Date.now = () => then() - 365 * 24 * 3600 * 1000;
      await add("second");
      await outbox.send();
      return sent[0];
    """)
    assert order == ["visit first", "visit second"]


def test_pause_set_by_a_clock_that_was_ahead_ends(outbox: Callable[[str], Any]) -> None:
    states, reads = outbox("""
      await add("one");
      answer = each(503);
      await outbox.send();
      const then = Date.now;
      Date.now = () => then() - 365 * 24 * 3600 * 1000;
      let reads = 0;
      const items = outbox.items.bind(outbox);
      outbox.items = () => { reads += 1; return items(); };
      answer = each(201);
      await outbox.send();
      await new Promise((done) => setTimeout(done, 300));
      return [await states(), reads];
    """)
    assert states == ["received"]
    assert reads < 10


@pytest.mark.parametrize("status", [400, 413, 422])
def test_refusal_by_something_on_the_way_is_no_answer(outbox: Callable[[str], Any], status: int) -> None:
    states, later = outbox(f"""
      await add("one");
      await add("two");
      answer = () => new Response("<h1>nginx</h1>", {{ status: {status}, headers: {{ "Content-Type": "text/html" }} }});
      await outbox.send();
      const states_then = await states();
      answer = each(201);
      await outbox.send();
      return [states_then, await states()];
    """)
    assert states == ["waiting", "waiting"]
    assert later == ["received", "received"]


def test_one_that_cannot_be_read_holds_up_nobody_and_can_go_again(outbox: Callable[[str], Any]) -> None:
    states, later, words = outbox("""
      const bad = await add("bad");
      await add("good");
      const problem = new Headers({ "Content-Type": "application/problem+json" });
      answer = (items) => (items.some(({ id }) => id === bad)
        ? new Response("{}", { status: 400, headers: problem }) : each(201)(items));
      await outbox.send();
      const states_then = await states();
      const words = (await store.get("outbox", bad)).record.notes.health;
      answer = each(201);
      await outbox.sendAgain(bad);
      return [states_then, await states(), words];
    """)
    assert states == ["refused", "received"]
    assert later == ["received", "received"]
    assert words == "头晕"  # of what the server does not have nothing goes


def test_retry_after_that_is_a_date_is_no_hurry(outbox: Callable[[str], Any]) -> None:
    batches = outbox("""
      await add("one");
      answer = () => new Response("", { status: 503, headers: { "Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT" } });
      await outbox.send();
      await new Promise((done) => setTimeout(done, 1500));
      return sent.length;
    """)
    assert batches == 1


def test_same_record_again_changes_nothing(outbox: Callable[[str], Any]) -> None:
    kept = outbox("""
      const id = await add("one");
      await outbox.send();
      await outbox.add({ id, kind: "visit", names: "another", words: "", record: { mode: "phone" } });
      return (await outbox.items()).map((item) => [item.names, item.state]);
    """)
    assert kept == [["one", "received"]]


def test_phone_that_can_note_nothing_still_sends(outbox: Callable[[str], Any]) -> None:
    batches, left = outbox("""
      await add("one");
      store.change = () => Promise.reject(new DOMException("full", "QuotaExceededError"));
      await outbox.send();
      return [sent, await states()];
    """)
    assert batches == [["visit one"]]
    assert left == []  # the server has it


def test_browser_that_is_wrong_about_the_signal_is_not_believed_for_ever(
    outbox: Callable[[str], Any],
) -> None:
    before, after = outbox("""
      Object.defineProperty(navigator, "onLine", { get: () => false });
      await add("one");
      const timers = [];
      const later = window.setTimeout;
      window.setTimeout = (act, wait) => { timers.push([act, wait]); return later(() => {}, 0); };
      await outbox.send();
      const before = sent.length;
      window.setTimeout = later;
      await timers.pop()[0]();
      return [before, sent.length];
    """)
    assert (before, after) == (0, 1)


def test_two_tabs_send_each_record_once(outbox: Callable[[str], Any]) -> None:
    batches = outbox("""
      const other = made();
      for (const name of ["one", "two", "three"]) await add(name);
      await Promise.all([outbox.send(), other.send(), outbox.send()]);
      return sent;
    """)
    assert batches == [["visit one", "visit two", "visit three"]]


def test_findings_leave_with_every_answer(outbox: Callable[[str], Any]) -> None:
    kept = outbox("""
      for (const status of [201, 202, 409, 422]) {
        await add(String(status));
        answer = each(status, { reason: "" });
        await outbox.send();
      }
      await outbox.takeBack(await add("taken back"));
      return JSON.stringify(await outbox.items());
    """)
    assert "头晕" not in kept
    assert "taken back" in kept


def test_photograph_outlives_its_record(outbox: Callable[[str], Any]) -> None:
    """It stays until the server has it, however long ago that had the record; one that was sent goes first of all."""
    left, sent_then, afterwards = outbox("""
      const id = await add("one");
      await outbox.send();
      await store.put("photos", { id: "p", draft: "h", at: Date.now(), bytes: new ArrayBuffer(1), digest: "" });
      await outbox.addPhoto(id, "p");
      await store.change([id], (item) => Object.assign(item, { acknowledged_at: 0 }));
      let put = 0;
      window.fetch = async () => { put += 1; return new Response("", { status: put === 1 ? 503 : 201 }); };
      await outbox.send();
      const left = [(await store.all("photos")).length, (await outbox.items()).length];
      await store.change([id], (item) => Object.assign(item, { photo_after: 0 }));
      await outbox.send();
      return [left, put, [(await store.all("photos")).length, Boolean((await outbox.items())[0].photo)]];
    """)
    assert (left, sent_then, afterwards) == ([1, 1], 2, [0, False])


def test_photograph_waits_as_long_as_it_is_told(outbox: Callable[[str], Any]) -> None:
    put = outbox("""
      const id = await add("one");
      await outbox.send();
      await store.put("photos", { id: "p", draft: "h", at: Date.now(), bytes: new ArrayBuffer(1), digest: "" });
      await outbox.addPhoto(id, "p");
      let put = 0;
      window.fetch = async () => {
        put += 1;
        if (put > 3) throw new Error("without end");
        return new Response("", { status: 503, headers: { "Retry-After": "86400" } });
      };
      await outbox.send();
      return put;
    """)
    assert put == 1


def test_correction_takes_the_photograph_along(outbox: Callable[[str], Any]) -> None:
    photos = outbox("""
      const id = await add("one");
      await outbox.addPhoto(id, "p");
      await add("two", { kind: "correction", visit: id });
      return (await outbox.items()).map((item) => item.photo || null);
    """)
    assert photos == [None, "p"]


def test_corrected_record_is_told_as_gone(outbox: Callable[[str], Any]) -> None:
    states = outbox("""
      const id = await add("one");
      await outbox.send();
      await add("two", { kind: "correction", visit: id });
      await outbox.send();
      return (await outbox.items()).map((item) => [item.state, Boolean(item.corrected)]);
    """)
    assert states == [["cancelled", True], ["received", False]]


@pytest.mark.parametrize(("kind", "signed_out"), [("text/html", False), ("application/problem+json", True)])
def test_only_our_own_server_ends_a_session(
    outbox: Callable[[str], Any], kind: str, signed_out: bool
) -> None:
    said = outbox(f"""
      await add("one");
      answer = () => new Response("{{}}", {{ status: 403, headers: {{ "Content-Type": "{kind}" }} }});
      await outbox.send();
      return [outbox.signedOut, await states()];
    """)
    assert said == [signed_out, ["waiting"]]


def test_record_taken_back_on_the_server_while_it_waited_is_gone(outbox: Callable[[str], Any]) -> None:
    states = outbox("""
      const ids = [];
      for (const name of ["taken back", "taken in", "waiting"]) ids.push(await add(name));
      answer = each(202, { reason: "" });
      await outbox.send();
      await outbox.hear(ids, { [ids[0]]: { state: "withdrawn" }, [ids[2]]: { state: "waiting" } });
      return states();
    """)
    assert states == ["cancelled", "received", "held"]


def test_drafts_are_kept_for_a_day(outbox: Callable[[str], Any]) -> None:
    left = outbox("""
      const hour = 3600 * 1000;
      await store.put("drafts", { form: "old", at: Date.now() - 25 * hour, fields: [] });
      await store.put("drafts", { form: "new", at: Date.now() - 23 * hour, fields: [] });
      await outbox.send();
      return (await store.all("drafts")).map((draft) => draft.form);
    """)
    assert left == ["new"]

/* 等待发送: records go out by themselves, the oldest first, again and again until the server has answered for each.

   A record is never taken away before that. Its UUID is made on the phone, so that sending it twice stores it once. */

import { inShanghai, now } from "./clock.js";

export const WAITING = "waiting", RECEIVED = "received", HELD = "held", REFUSED = "refused", CANCELLED = "cancelled";

const AT_ONCE = 20;
const KEPT_FOR = 7 * 24 * 3600 * 1000; /* after the server has it */
const PATIENCE = 30 * 1000;
const FIRST_WAIT = 4 * 1000, LONGEST_WAIT = 10 * 60 * 1000;
const STATES = { 200: RECEIVED, 201: RECEIVED, 202: HELD, 404: REFUSED, 409: REFUSED, 422: REFUSED };
const UNREADABLE = "系统没有看懂这一条。请存成文件，打电话给镇民政办。";

export class Outbox {
  constructor(store, { address, token, release, changed }) {
    this.store = store;
    this.address = address;
    this.token = token;
    this.release = release;
    this.changed = changed || (() => {});
    this.failures = 0;
    this.sending = null;
    this.signedOut = false;
    this.timer = null;
  }

  items() {
    return this.store.all("outbox").then((items) => items.sort((one, other) => one.made_at - other.made_at));
  }

  /* Resolves when the record is safe on the phone. `form` names the draft that it ends. */
  async add(item, form) {
    await this.store.putAway(Object.assign({ state: WAITING, tries: 0, made_at: Date.now() }, item), form || "");
    this.changed();
  }

  /* Take a record back that may not have left the phone yet. */
  async takeBack(id) {
    let left = true;
    await this.store.change(id, (item) => {
      left = item.tries > 0;
      return left || item.state !== WAITING ? null : Object.assign(item, { state: CANCELLED, acknowledged_at: Date.now() });
    });
    if (left) await this.add({ id: uuid(), kind: "withdrawal", visit: id, words: "撤回" });
    this.changed();
  }

  /* Whoever asks while it is being sent waits for the same. */
  send() {
    if (!this.sending) {
      clearTimeout(this.timer);
      this.sending = alone(`visitcare-${this.store.person}`, () => this._sendAll()).finally(() => {
        this.sending = null;
        this.changed();
      });
    }
    return this.sending;
  }

  async _sendAll() {
    await this._forgetOld();
    if (navigator.onLine === false) return; /* what has not left can be taken back as if it had never been */
    let atOnce = AT_ONCE;
    for (;;) {
      const waiting = (await this.items()).filter((item) => item.state === WAITING);
      const due = waiting.filter((item) => !(item.after > Date.now())).slice(0, atOnce);
      if (!due.length) {
        if (waiting.length) this._wakeIn(Math.min(...waiting.map((item) => item.after)) - Date.now());
        return;
      }
      for (const item of due) await this.store.change(item.id, (now) => Object.assign(now, { tries: now.tries + 1 }));
      this.changed();
      const answer = await this._post(due);
      this.signedOut = Boolean(answer.signedOut);
      if (this.signedOut) return;
      if (answer.again) {
        this.failures += 1;
        this._wakeIn(Math.max(pause(this.failures), answer.after));
        return;
      }
      this.failures = 0;
      if (answer.unreadable && due.length > 1) atOnce = 1; /* find the one that cannot be read; the others go on */
      else await this._note(answer.unreadable ? [{ id: due[0].id, status: 422, reason: UNREADABLE }] : answer.items);
    }
  }

  /* What was answered to each. One that cannot be taken now waits by itself and holds nobody up. */
  async _note(answers) {
    for (const answer of answers) {
      const state = STATES[answer.status];
      await this.store.change(answer.id, (item) => {
        if (!state) return Object.assign(item, { after: Date.now() + pause(item.tries) });
        if (state === RECEIVED && item.record) item.record = lightened(item.record);
        return Object.assign(item, { state, answer, acknowledged_at: Date.now() });
      });
    }
    this.changed();
  }

  async _post(items) {
    const answer = await this._ask(items, await this.token(false));
    return answer.signedOut ? this._ask(items, await this.token(true)) : answer; /* the form it came with may be old */
  }

  async _ask(items, token) {
    const waits = new AbortController();
    const patience = setTimeout(() => waits.abort(), PATIENCE);
    try {
      const answer = await fetch(this.address, {
        method: "POST",
        credentials: "same-origin",
        signal: waits.signal,
        headers: { "Content-Type": "application/json", "X-CSRFToken": token },
        body: JSON.stringify({ app: this.release, person: this.store.person, items: items.map(asSent) }),
      });
      if (answer.status === 200) return { items: (await answer.json()).items };
      if (answer.status === 401 || answer.status === 403) return { signedOut: true };
      if (answer.status === 400 || answer.status === 413 || answer.status === 422) return { unreadable: true };
      return { again: true, after: 1000 * Number(answer.headers.get("Retry-After") || 0) };
    } catch (broken) {
      return { again: true, after: 0 };
    } finally {
      clearTimeout(patience);
    }
  }

  _wakeIn(milliseconds) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.send(), milliseconds);
  }

  async _forgetOld() {
    const old = (await this.items()).filter((item) => (
      [RECEIVED, CANCELLED].indexOf(item.state) >= 0 && Date.now() - item.acknowledged_at > KEPT_FOR
    ));
    for (const item of old) await this.store.remove("outbox", item.id);
  }

  /* Everything that is here, as text: the last way out of a phone that cannot send. */
  async asFile() {
    return JSON.stringify({ person: this.store.person, app: this.release, items: await this.items() }, null, 1);
  }
}

function asSent(item) {
  const sent = { kind: item.kind, id: item.id };
  if (item.visit) sent.visit = item.visit;
  if (item.record) sent.record = Object.assign({}, item.record, { sent_at: inShanghai(now()) });
  return sent;
}

/* What was found in a home does not stay on the phone once the server has it. */
function lightened({ mode, outcome, started_at, elders }) {
  return { mode, outcome, started_at, elders };
}

/* Longer each time, and not all phones at the same moment. */
function pause(failures) {
  return Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** (failures - 1)) * (0.5 + Math.random());
}

/* One page of this person at a time; two that send the same do no harm where the browser knows no locks. */
function alone(name, work) {
  return navigator.locks ? navigator.locks.request(name, work) : work();
}

export function uuid() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 15) | 64;
  bytes[8] = (bytes[8] & 63) | 128;
  const hex = Array.from(bytes, (byte) => (byte + 256).toString(16).slice(1));
  return [4, 2, 2, 2, 6].map((length) => hex.splice(0, length).join("")).join("-");
}

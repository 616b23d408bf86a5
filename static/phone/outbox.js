/* 等待发送: records go out by themselves, the oldest first, again and again until the server has answered for each.

   A record is never taken away before that. Its UUID is made on the phone, so that sending it twice stores it once. */

import { inShanghai, now } from "./clock.js";

export const WAITING = "waiting", RECEIVED = "received", HELD = "held", REFUSED = "refused", CANCELLED = "cancelled";

const AT_ONCE = 20;
const KEPT_FOR = 7 * 24 * 3600 * 1000; /* after the server has it */
export const DRAFT_HOLDS = 24 * 3600 * 1000;
const PATIENCE = 30 * 1000, PHOTO_PATIENCE = 120 * 1000;
const FIRST_WAIT = 4 * 1000, LONGEST_WAIT = 10 * 60 * 1000, LONGEST_SLEEP = 60 * 60 * 1000;
const STATES = { 200: RECEIVED, 201: RECEIVED, 202: HELD, 404: REFUSED, 409: REFUSED, 422: REFUSED };
const PROBLEM = "application/problem+json";
const REFUSING = [400, 404, 409, 413, 415, 422];
const UNREADABLE = "系统没有看懂这一条。请点“再发一次”；还不行，就存成文件，打电话给镇民政办。";

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
    this.left = new Set(); /* what this page has sent, where the phone is too full to note it */
  }

  items() {
    return this.store.all("outbox").then((items) => items.sort((one, other) => one.made_at - other.made_at));
  }

  /* Resolves when the record is safe on the phone. `form` names the draft that it ends; `before` is one that was left
     there before that and stays. */
  async add(item, form, before) {
    const last = (await this.items()).pop();
    const made_at = Math.max(Date.now(), last ? last.made_at + 1 : 0); /* in their order, whatever the clock does */
    const made = Object.assign({ state: WAITING, tries: 0, made_at }, item);
    if (item.kind === "correction") await this._takeAlong(made);
    try {
      await this.store.putAway(made, form || "", before);
    } catch (full) {
      await this._makeRoom();
      await this.store.putAway(made, form || "", before);
    }
    this.changed();
  }

  /* A photograph that has not gone yet goes with the record that takes the place of its own. */
  async _takeAlong(correction) {
    await this.store.change([correction.visit], (old) => {
      if (!old.photo) return null;
      correction.photo = old.photo;
      return Object.assign(old, { photo: undefined });
    }).catch(() => {});
  }

  /* Its photograph goes after a record; it may have left already. */
  addPhoto(id, photo) {
    return this.store.change([id], (item) => Object.assign(item, { photo }));
  }

  /* Take a record back. Whether it had not left the phone yet; else the server is asked. */
  async takeBack(id) {
    const isHere = (item) => item.state === WAITING && !item.tries && !this.left.has(id);
    const kept = await this.store.change([id], (item) => (
      isHere(item) ? Object.assign(lightened(item), { state: CANCELLED, acknowledged_at: Date.now() }) : null
    ));
    if (!kept.length) await this._withdraw(id);
    this.changed();
    return kept.length > 0;
  }

  async _withdraw(id) {
    const asked = (await this.items()).some((item) => item.kind === "withdrawal" && item.visit === id && item.state === WAITING);
    const visit = await this.store.get("outbox", id);
    if (!asked) await this.add({ id: uuid(), kind: "withdrawal", visit: id, names: visit ? visit.names : "", words: "撤回" });
  }

  /* Keys of what the town is to look at. */
  async held() {
    return (await this.items()).filter((item) => item.state === HELD).map((item) => item.id);
  }

  /* Those that were taken back on a page of the server. */
  async noteTakenBack(ids) {
    await this.store.change(ids, (item) => (item.state === RECEIVED ? Object.assign(item, { state: CANCELLED }) : null));
    this.changed();
  }

  /* One that could not be read goes once more. */
  async sendAgain(id) {
    await this.store.change([id], (item) => Object.assign(item, { state: WAITING, answer: null, after: 0 }));
    return this.send();
  }

  /* Whoever asks while it is being sent waits for the same. Some browsers say wrongly that there is no signal: `anyway`
     does not believe them. */
  send(anyway) {
    if (!this.sending) {
      clearTimeout(this.timer);
      this.sending = alone(`visitcare-${this.store.person}`, () => this._sendAll(anyway)).catch(() => {
        this._wakeIn(LONGEST_WAIT); /* the phone itself is in trouble: full, or its database gone */
      }).finally(() => {
        this.sending = null;
        this.changed();
      });
    }
    return this.sending;
  }

  async _sendAll(anyway) {
    await this._forgetOld().catch(() => {});
    if (navigator.onLine === false && !anyway) { /* what has not left can be taken back as if it had never been */
      this._wakeIn(LONGEST_WAIT);
      return;
    }
    let atOnce = AT_ONCE;
    for (;;) {
      const items = await this.items();
      const due = this._due(items.filter((item) => item.state === WAITING)).slice(0, atOnce);
      if (!due.length) {
        if (await this._sendPhoto(items)) continue; /* one, and then whatever was recorded meanwhile */
        if (!this.signedOut) this._wakeForTheNext(items);
        return;
      }
      const marked = await this._mark(due);
      if (!marked.length) continue; /* taken back meanwhile */
      this.changed();
      const answer = await this._post(marked);
      this.signedOut = Boolean(answer.signedOut);
      if (this.signedOut) return;
      if (answer.again) {
        this.failures += 1;
        this._wakeIn(Math.max(pause(this.failures), answer.after));
        return;
      }
      this.failures = 0;
      if (answer.unreadable && marked.length > 1) atOnce = 1; /* find the one that cannot be read; the others go on */
      else await this._note(marked, answer.unreadable ? [{ id: marked[0].id, status: 422, reason: UNREADABLE, unreadable: true }] : answer.items);
    }
  }

  _wakeForTheNext(items) {
    const times = [
      ...items.filter((item) => item.state === WAITING).map((item) => item.after || Infinity),
      ...items.filter(hasPhotoToSend).map((item) => item.photo_after || Infinity),
    ];
    if (times.length) this._wakeIn(Math.min(...times) - Date.now());
  }

  /* One photograph of a record that the server has. Whether there was one to send. */
  async _sendPhoto(items) {
    const item = items.filter(hasPhotoToSend).find((one) => !isLater(one.photo_after));
    if (!item) return false;
    const photo = await this.store.get("photos", item.photo);
    const answer = photo ? await this._put(item.id, photo) : { words: "" };
    this.signedOut = Boolean(answer.signedOut);
    if (this.signedOut) return false;
    if (answer.again) await this._photoLater(item, answer.after);
    else await this._photoDone(item, answer.words);
    this.changed();
    return true;
  }

  _photoLater(item, after) {
    const tries = (item.photo_tries || 0) + 1;
    const photo_after = Date.now() + Math.max(pause(tries), after);
    return this.store.change([item.id], (now) => Object.assign(now, { photo_tries: tries, photo_after }));
  }

  /* The server has it, or will not have it: then `words` say why, until somebody has read them. */
  async _photoDone(item, words) {
    await this.store.remove("photos", item.photo); /* first: one that stands alone would go with the next record */
    await this.store.change([item.id], (now) => Object.assign(now, { photo: undefined, photo_words: words }));
  }

  async _put(visit, photo) {
    const answer = await this._askPhoto(visit, photo, await this.token(false));
    return answer.signedOut ? this._askPhoto(visit, photo, await this.token(true)) : answer;
  }

  async _askPhoto(visit, photo, token) {
    const waits = new AbortController();
    const patience = setTimeout(() => waits.abort(), PHOTO_PATIENCE);
    try {
      const answer = await fetch(`/api/v1/visits/${visit}/photos/${photo.id}/`, {
        method: "PUT",
        credentials: "same-origin",
        signal: waits.signal,
        headers: { "Content-Type": "image/jpeg", "Content-Digest": `sha-256=:${photo.digest}:`, "X-CSRFToken": token },
        body: photo.bytes,
      });
      if (answer.ok) return { words: "" };
      if (isSignedOut(answer)) return { signedOut: true };
      const problem = isOurs(answer) ? await answer.json() : {};
      const isFinal = isOurs(answer) && REFUSING.indexOf(answer.status) >= 0 && !problem.content_digest; /* or it was cut off on the way */
      if (isFinal) return { words: `照片没有收：${problem.detail || problem.title}` };
      return { again: true, after: waitAsked(answer) };
    } catch (broken) {
      return { again: true, after: 0 };
    } finally {
      clearTimeout(patience);
    }
  }

  /* Those whose turn it is. What changes a record waits until that record has arrived. */
  _due(waiting) {
    const here = new Set(waiting.map((item) => item.id));
    return waiting.filter((item) => !isLater(item.after) && !here.has(item.visit));
  }

  /* They may have left from here on. A phone that is too full to note that sends them nevertheless. */
  async _mark(due) {
    due.forEach((item) => this.left.add(item.id));
    try {
      return await this.store.change(due.map((item) => item.id), (item) => (
        item.state === WAITING ? Object.assign(item, { tries: item.tries + 1 }) : null
      ));
    } catch (full) {
      return due;
    }
  }

  /* What was answered to each. One that cannot be taken now waits by itself and holds nobody up. */
  async _note(sent, answers) {
    const said = new Map(answers.map((answer) => [answer.id, answer]));
    const ended = (item) => item.kind !== "visit" && STATES[(said.get(item.id) || {}).status] === RECEIVED;
    const gone = new Map(sent.filter(ended).map((item) => [item.visit, item.kind === "correction"]));
    try {
      await this.store.change([...sent.map((item) => item.id), ...gone.keys()], (item) => {
        if (gone.has(item.id)) return Object.assign(item, { state: CANCELLED, corrected: gone.get(item.id) });
        const answer = said.get(item.id);
        const state = answer && STATES[answer.status];
        if (item.state !== WAITING) return null;
        if (!state) return Object.assign(item, { after: Date.now() + pause(item.tries) });
        const kept = answer.unreadable ? item : lightened(item);
        return Object.assign(kept, { state, answer, acknowledged_at: Date.now() });
      });
    } catch (full) { /* nothing more fits; what the server has need not stay */
      for (const [id, answer] of said) if (STATES[answer.status] === RECEIVED) await this.store.remove("outbox", id);
      throw full;
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
      if (isSignedOut(answer)) return { signedOut: true };
      if (isOurs(answer) && [400, 413, 422].indexOf(answer.status) >= 0) return { unreadable: true };
      return { again: true, after: waitAsked(answer) };
    } catch (broken) {
      return { again: true, after: 0 };
    } finally {
      clearTimeout(patience);
    }
  }

  _wakeIn(milliseconds) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.send(true), Math.min(Math.max(milliseconds, 1000), LONGEST_SLEEP));
  }

  /* What has become of the records `asked` about, which the town was to look at: {id: {state, reason}} of those still with
     it, declined, or taken back on a page of the server. */
  async hear(asked, told) {
    await this.store.change(asked, (item) => {
      const news = told[item.id];
      if (!news) return Object.assign(item, { state: RECEIVED, acknowledged_at: Date.now() });
      if (news.state === "withdrawn") return Object.assign(item, { state: CANCELLED, acknowledged_at: Date.now() });
      return news.state === "declined" ? Object.assign(item, { state: REFUSED, seen: false, answer: { reason: news.reason } }) : null;
    });
    this.changed();
  }

  async _forgetOld() {
    const isOld = (item) => isDone(item) && !hasPhotoToSend(item) && Date.now() - item.acknowledged_at > KEPT_FOR;
    for (const item of (await this.items()).filter(isOld)) await this.store.remove("outbox", item.id);
    const drafts = await this.store.all("drafts");
    for (const draft of drafts) if (now() - draft.at > DRAFT_HOLDS) await this.store.remove("drafts", draft.form);
    await this._forgetPhotos();
  }

  /* Those of no record that still wants them, nor of a draft. */
  async _forgetPhotos() {
    const items = await this.items();
    const isWanted = (photo) => {
      const item = items.find((one) => one.photo === photo.id);
      return item ? hasPhotoToSend(item) || !isDone(item) : Date.now() - photo.at < DRAFT_HOLDS;
    };
    for (const photo of await this.store.all("photos")) if (!isWanted(photo)) await this.store.remove("photos", photo.id);
  }

  async _makeRoom() {
    const done = (await this.items()).filter((item) => isDone(item) && !hasPhotoToSend(item));
    for (const item of done) await this.store.remove("outbox", item.id);
  }

  /* Everything that is here, as text: the last way out of a phone that cannot send. */
  async asFile() {
    return JSON.stringify({ person: this.store.person, app: this.release, items: await this.items() }, null, 1);
  }
}

function hasPhotoToSend(item) {
  return item.state === RECEIVED && Boolean(item.photo);
}

/* A pause that is longer than any was set by a clock that has been put back since. */
function isLater(after) {
  return after > Date.now() && after < Date.now() + 2 * LONGEST_SLEEP;
}

/* Said by our own server, not by something on the way to it. */
function isOurs(answer) {
  return (answer.headers.get("Content-Type") || "").indexOf(PROBLEM) === 0;
}

export function isSignedOut(answer) {
  return (answer.status === 401 || answer.status === 403) && isOurs(answer);
}

function waitAsked(answer) {
  return Math.min(LONGEST_SLEEP, 1000 * (Number(answer.headers.get("Retry-After")) || 0));
}

/* The server has it, or nobody is to have it. */
function isDone(item) {
  return item.state === RECEIVED || item.state === CANCELLED || (item.seen && item.state === REFUSED);
}

function asSent(item) {
  const sent = { kind: item.kind, id: item.id };
  if (item.visit) sent.visit = item.visit;
  if (item.record) sent.record = Object.assign({}, item.record, { sent_at: inShanghai(now()) });
  return sent;
}

/* What was found in a home does not stay on the phone once the server has it. */
function lightened(item) {
  if (!item.record) return item;
  const { mode, outcome, started_at, elders } = item.record;
  return Object.assign(item, { record: { mode, outcome, started_at, elders } });
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

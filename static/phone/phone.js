/* What the pages of somebody signed in and the pages without a signal begin with. */

import { setBy } from "./clock.js";
import { Outbox, WAITING, isSignedOut } from "./outbox.js";
import { DATABASE, open } from "./store.js";

const PERSON = "visitcare-person";
const ROUND = "/api/v1/round/", SYNC = "/api/v1/sync/";
const FRESH = 10 * 60 * 1000, PATIENCE = 30 * 1000;
const RELEASE = new URL(import.meta.url).pathname.split("/").pop();

export function personHere() {
  return localStorage.getItem(PERSON);
}

/* Whoever signs in on a shared phone sees nothing of whom it served before; that one's queue waits for them. */
export async function settle(person) {
  if (personHere() === person) return;
  for (const other of await peopleBefore()) if (other !== person) await forget(other).catch(() => {});
  localStorage.setItem(PERSON, person);
}

async function peopleBefore() {
  const last = personHere();
  if (!indexedDB.databases) return last ? [last] : [];
  const names = (await indexedDB.databases()).map((database) => database.name);
  return names.filter((name) => name.indexOf(DATABASE) === 0).map((name) => name.slice(DATABASE.length));
}

/* Signed out: the round, what was being filled in and every name go. What has not been sent stays: it says who was
   visited by keys that mean nothing to the next person. */
export async function forget(person) {
  if (personHere() === person) localStorage.removeItem(PERSON);
  const store = await open(person);
  await store.clear(["kept", "drafts"]);
  const sent = (await store.all("outbox")).map((item) => item.photo); /* or to be sent: they stay with their records */
  for (const photo of await store.all("photos")) if (sent.indexOf(photo.id) < 0) await store.remove("photos", photo.id);
  await nameless(store, () => true);
  store.database.close();
}

/* The server knows this phone no more: it shows nothing until somebody signs in. */
export async function shut(store) {
  await store.clear(["kept"]);
  await nameless(store, (item) => item.state !== WAITING);
}

async function nameless(store, which) {
  const items = (await store.all("outbox")).filter(which);
  await store.change(items.map((item) => item.id), (item) => (
    Object.assign(item, { names: "", answer: item.answer && item.answer.unreadable ? item.answer : null })
  ));
}

export async function begin(person, changed) {
  const store = await open(person);
  const outbox = new Outbox(store, { address: SYNC, release: RELEASE, token: (fresh) => token(store, fresh), changed });
  const send = () => outbox.send();
  /* A page that the browser has put aside and brings back does not know what has happened since. */
  window.addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
  window.addEventListener("online", send);
  document.addEventListener("visibilitychange", () => { if (document.visibilityState === "visible") send(); });
  return { store, outbox };
}

async function token(store, fresh) {
  const field = document.querySelector("input[name=csrfmiddlewaretoken]");
  if (field && !fresh) return field.value;
  const round = fresh ? await fetchRound(store) : await store.get("kept", "round");
  return (round && round.csrf) || "";
}

/* This week's list, as the phone keeps it. Null where it cannot be had. */
export async function fetchRound(store) {
  const waits = new AbortController();
  const patience = setTimeout(() => waits.abort(), PATIENCE);
  try {
    const answer = await fetch(ROUND, { credentials: "same-origin", signal: waits.signal, headers: { Accept: "application/json" } });
    if (isSignedOut(answer)) await shut(store);
    if (!answer.ok) return null;
    const round = await answer.json();
    if (round.person !== store.person) { /* somebody else has signed in: they see nothing of this one */
      await forget(store.person);
      location.reload();
      return null;
    }
    if (personHere() !== store.person) return null;
    setBy(round.now);
    await store.put("kept", Object.assign(round, { name: "round", at: Date.now() }));
    return round;
  } catch (broken) {
    return null;
  } finally {
    clearTimeout(patience);
  }
}

export async function freshenRound(store, always) {
  const kept = await store.get("kept", "round");
  if (always || !kept || Date.now() - kept.at > FRESH) await fetchRound(store);
}

/* What the town was to look at: has it? */
export async function askAboutHeld(outbox) {
  const asked = await outbox.held();
  if (!asked.length) return;
  try {
    const answer = await fetch(SYNC, { credentials: "same-origin", headers: { Accept: "application/json" } });
    if (!answer.ok) return;
    const told = {};
    (await answer.json()).kept_back.forEach((kept) => { told[kept.id] = kept; });
    await outbox.hear(asked, told);
  } catch (broken) { /* another time */ }
}

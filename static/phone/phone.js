/* What the pages of somebody signed in and the pages without a signal begin with. */

import { setBy } from "./clock.js";
import { Outbox } from "./outbox.js";
import { open } from "./store.js";

const PERSON = "visitcare-person";
const ROUND = "/api/v1/round/", SYNC = "/api/v1/sync/";
const FRESH = 10 * 60 * 1000;
const RELEASE = new URL(import.meta.url).pathname.split("/").pop();

export function personHere() {
  return localStorage.getItem(PERSON);
}

/* Whoever signs in on a shared phone sees nothing of whom it served before; that one's queue waits for them. */
export async function settle(person) {
  const before = personHere();
  if (before && before !== person) await forget(before);
  localStorage.setItem(PERSON, person);
}

/* Signed out: the round, what was being filled in and every name go. What has not been sent stays: it says who was
   visited by keys that mean nothing to the next person. */
export async function forget(person) {
  const store = await open(person);
  await store.clear(["kept", "drafts"]);
  for (const item of await store.all("outbox")) await store.change(item.id, (now) => Object.assign(now, { names: "" }));
  store.database.close();
  localStorage.removeItem(PERSON);
}

export async function begin(person, changed) {
  const store = await open(person);
  const outbox = new Outbox(store, { address: SYNC, release: RELEASE, token: (fresh) => token(store, fresh), changed });
  const send = () => outbox.send();
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
  try {
    const answer = await fetch(ROUND, { credentials: "same-origin", headers: { Accept: "application/json" } });
    if (!answer.ok) return null;
    const round = await answer.json();
    if (round.person !== store.person) return null; /* somebody else has signed in meanwhile */
    setBy(round.now);
    await store.put("kept", Object.assign(round, { name: "round", at: Date.now() }));
    return round;
  } catch (broken) {
    return null;
  }
}

export async function freshenRound(store, always) {
  const kept = await store.get("kept", "round");
  if (always || !kept || Date.now() - kept.at > FRESH) await fetchRound(store);
}

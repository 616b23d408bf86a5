/* The page of signing in: a session that has ended is no reason to fear for what was recorded. */

import { WAITING } from "./outbox.js";
import { personHere, shut } from "./phone.js";
import { showNote } from "./record.js";
import { open } from "./store.js";

async function start() {
  const person = personHere();
  if (!person || !window.indexedDB) return;
  const store = await open(person);
  await shut(store);
  const waiting = (await store.all("outbox")).filter((item) => item.state === WAITING).length;
  if (!waiting) return;
  showNote("note-mind", "device", [
    `这部手机里还有 ${waiting} 条记录没发出去，都在，不会丢。请原来的人登录，登录以后自己会发。`,
  ], document.querySelector("main").firstElementChild);
}

start();

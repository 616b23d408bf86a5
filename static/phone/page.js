/* The pages of somebody signed in, made by the server: what is recorded on them goes through the phone's own outbox.
   Where the browser has none, the pages send their forms as they would without this file. */

import { calledFields, listenForCalls } from "./call.js";
import { clockWords, now, setBy } from "./clock.js";
import { HELD, RECEIVED, REFUSED, WAITING } from "./outbox.js";
import { askAboutHeld, begin, forget, freshenRound, settle } from "./phone.js";
import { RecordPage, sendAsPage, showNote, troubleWords } from "./record.js";
import { switchSize } from "./size.js";
import { QUIET, Strip, askedForAt, element, icon, queueRows, reasonsOf, roomWords, saveAsFile, stillRows } from "./strip.js";

const TOLD = "visitcare-told";
const SENT_WITHIN = 4000;
const page = document.documentElement;
const person = page.getAttribute("data-person");

async function start() {
  setBy(page.getAttribute("data-now"));
  if (navigator.serviceWorker) navigator.serviceWorker.register("/sw.js").catch(() => {});
  await settle(person);
  let strip = null, queue = null;
  const { store, outbox } = await begin(person, () => {
    if (strip) strip.show();
    if (queue) queue();
  });
  strip = new Strip(outbox);
  watchSigningOut(outbox);
  const form = document.getElementById("record");
  if (form && document.getElementById("details")) await enhance(form, store, strip);
  const marked = location.pathname === "/" ? await showWeek(store, strip) : [];
  if (location.pathname === "/mine/" || document.querySelector("[data-queue]")) queue = showQueue(outbox);
  const gone = Array.from(document.querySelectorAll("[data-taken-back]"), (row) => row.getAttribute("data-taken-back"));
  await outbox.noteTakenBack(gone).catch(() => {}); /* the phone may be too full to note it */
  if (queue) queue();
  switchSize();
  await strip.show();
  const sending = outbox.send(true); /* the page has just come: there is a signal */
  await freshenRound(store, location.pathname === "/"); /* the list is not to wait for photographs */
  await sending;
  await tellLowRoom();
  await askAboutHeld(outbox);
  await showAgain(store, strip, marked);
}

/* One record */

async function enhance(form, store, strip) {
  const record = new RecordPage(form, {
    store,
    outbox: strip.outbox,
    saved: (item, pressed) => go(strip, item, pressed),
    failed: (broken, pressed) => goWithout(broken, form, pressed),
  });
  await record.begin(calledFields(record.household));
}

/* The phone cannot keep it: with a signal the form goes as a page. */
function goWithout(broken, form, pressed) {
  if (navigator.onLine === false) showNote("note-bad", "bang", [troubleWords(broken)], form);
  else sendAsPage(form, pressed);
}

/* Saved on the phone; a good signal takes it to the server before the next page comes. */
async function go(strip, item, pressed) {
  sessionStorage.setItem(TOLD, JSON.stringify({ id: item.id, pressed }));
  if (navigator.storage && navigator.storage.persist) navigator.storage.persist().catch(() => {});
  await Promise.race([strip.outbox.send(true), new Promise((resolve) => setTimeout(resolve, SENT_WITHIN))]);
  strip.hadWaiting = false; /* the next page tells of this record itself */
  location.assign(item.kind === "correction" ? "/mine/" : "/");
}

/* The week */

/* Returns what is marked on its card: it is still on the phone, or has left while this page was on its way. */
async function showWeek(store, strip) {
  const { outbox } = strip;
  await tellLast(store, outbox);
  const since = askedForAt || Date.parse(page.getAttribute("data-now")) + Date.now() - now();
  const marked = (await outbox.items()).filter((item) => {
    const isSentNow = item.acknowledged_at > since && item.acknowledged_at <= Date.now();
    const isNews = item.state === WAITING || (item.state === RECEIVED && isSentNow);
    const card = item.record && isNews && document.getElementById(`h-${item.household}`);
    if (card) card.insertBefore(cardNote(item), card.querySelector(".acts"));
    return card;
  });
  listenForCalls(outbox, { saved: (item, pressed) => go(strip, item, pressed), failed: goWithout });
  return marked.map((item) => item.id);
}

/* What was marked has reached the server: the page shows it as the server does, unless somebody is using it. */
async function showAgain(store, strip, marked) {
  if (!marked.length || document.querySelector("form.called, details.ask[open]")) return;
  const waiting = await Promise.all(marked.map((id) => store.get("outbox", id).then((item) => item && item.state === WAITING)));
  if (waiting.every(Boolean)) return;
  if (strip.reload()) sessionStorage.setItem(TOLD, page.getAttribute("data-last") || "null");
  else setTimeout(() => showAgain(store, strip, marked), QUIET);
}

function cardNote(item) {
  const state = item.state === WAITING ? "在手机里，等待发送" : "刚发出去";
  const at = clockWords(Date.parse(item.record.started_at));
  return element("div", { class: "note" }, icon("device"), element("div", {}, `${at} 已记：${item.words}（${state}）`));
}

async function tellLast(store, outbox) {
  const said = sessionStorage.getItem(TOLD) || "null";
  const told = JSON.parse(said);
  sessionStorage.removeItem(TOLD);
  page.setAttribute("data-last", said);
  const item = told && await store.get("outbox", told.id);
  if (!item) return;
  const main = document.querySelector("main");
  const first = main.querySelector(".outbox").nextSibling;
  const reasons = item.answer ? reasonsOf(item.answer) : [];
  if (item.state === REFUSED) {
    showNote("note-bad", "bang", [`${item.names}，${item.words}：这条没收下。`, ...reasons], first);
    return;
  }
  if (item.state === HELD) {
    showNote("note-mind", "clock", [`${item.names}，${item.words}：已收到，镇里要核对，不用再记。`, ...reasons], first);
    return;
  }
  const isAbsent = told.pressed === "absent";
  const more = item.answer && item.answer.status === 201 ? item.answer.words.replace(/^收到了。/, "") : "";
  const words = isAbsent ? `没联系上${item.names}。${more || (item.answer ? "接下来做什么，写在这户的卡片上。" : "请晚一点再试一次。")}` : `记好了：${item.names}，${item.words}。${more}`;
  const note = showNote(isAbsent || more ? "note-mind" : "note-ok", isAbsent || more ? "clock" : "tick", [words], first);
  const back = element("button", { class: "link", type: "button" }, "撤回");
  const links = element("div", { class: "links" }, back);
  back.addEventListener("click", async () => {
    try {
      const isHere = await outbox.takeBack(item.id);
      const what = `${item.names}，${item.words}`;
      showNote("note-ok", "tick", [isHere ? `撤回了：${what}。这条不算了。` : `撤回记下了：${what}。发出去以后，这条就不算了。`], note);
      await outbox.send();
    } catch (broken) {
      showNote("note-bad", "bang", [troubleWords(broken)], note);
    }
  });
  if (item.state === RECEIVED) links.append(element("a", { class: "link", href: `/visits/${item.id}/correct/` }, "更正"));
  note.lastChild.append(links);
}

/* 我的记录 */

function showQueue(outbox) {
  const isListed = location.pathname === "/mine/"; /* what the town has is in the server's own list there */
  const main = document.querySelector("main");
  const part = element("section", { hidden: "" });
  const heading = element("h2", { class: "section" });
  const list = element("ul", { class: "card rows" });
  part.append(heading, list, saveAsFile(outbox, inOneWord()));
  main.insertBefore(part, main.querySelector(".outbox").nextSibling);
  const show = async () => {
    const rows = await stillRows(() => queueRows(outbox, isListed ? [WAITING] : [WAITING, HELD]));
    part.hidden = !rows.length;
    heading.textContent = `还在手机里的（${rows.length} 条）`;
    list.textContent = "";
    list.append(...rows);
  };
  return show;
}

function inOneWord() {
  const who = document.querySelector(".who");
  return who ? who.textContent.split(" ")[0] : "本机";
}

/* Everywhere */

async function tellLowRoom() {
  const words = await roomWords();
  if (words) showNote("note-mind", "bang", [words], document.querySelector(".outbox").nextSibling, "room");
}

function watchSigningOut(outbox) {
  document.querySelectorAll("form[action$='/logout/']").forEach((form) => watchForm(form, outbox));
}

function watchForm(form, outbox) {
  let warned = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const items = await outbox.items().catch(() => []);
    const waiting = items.filter((item) => item.state === WAITING).length;
    if (waiting && !warned) {
      warned = true;
      showNote("note-mind", "device", [
        `还有 ${waiting} 条没有发出去。现在退出，它们留在这部手机里，等您下次登录再发。再点一次“退出登录”就退出。`,
      ], form.closest("footer") || form, "leaving");
      return;
    }
    const said = new URLSearchParams(Array.from(new FormData(form)));
    const answer = await fetch(form.action, { method: "POST", body: said, redirect: "manual", credentials: "same-origin" }).catch(() => null);
    if (!answer) { /* whoever takes the phone next would still be signed in */
      showNote("note-bad", "bang", ["现在没有信号，还没有退出登录。有信号时再点一次。"], form.closest("footer") || form, "leaving");
      return;
    }
    await forget(person).catch(() => {}); /* whatever the phone's state, signing out works */
    if (answer.type === "opaqueredirect") location.assign(said.get("next") || "/login/");
    else form.submit();
  });
}

if (person && window.indexedDB) start();

/* The pages without a signal: the week and the record, from what the phone keeps. */

import { calledFields, listenForCalls } from "./call.js";
import { inShanghai, mondayOf, now } from "./clock.js";
import { WAITING } from "./outbox.js";
import { begin, fetchRound, personHere } from "./phone.js";
import { RecordPage, showNote, startNow, troubleWords } from "./record.js";
import { switchSize } from "./size.js";
import { QUIET, Strip, element, icon, queueRows, roomWords, saveAsFile, stillRows } from "./strip.js";

const TRIED = "visitcare-tried", TRY_AGAIN = 20 * 1000;
const SHAPES = { A: "tri", B: "dia", C: "dot" };
const KEPT_FOR = 8 * 24 * 3600 * 1000; /* who lives where changes */
const BUSY = "信号不好，或者系统正忙。照常记，记下的存在手机里，过一会儿自己会发出去。";
const BACK = "有信号了。记下的自己会发出去。";
const LAST_WEEK = "这是上周的名单。有信号时打开一次，就换成这周的。";
const NO_LIST = "手机里还没有这周的名单。有信号时打开一次“本周探访”，名单就会存进手机。";

async function start() {
  const person = personHere();
  const at = location.pathname;
  if (!person || !window.indexedDB) {
    show("other");
    return;
  }
  let strip = null, queue = null;
  const { store, outbox } = await begin(person, () => {
    if (strip) strip.show();
    if (queue) queue();
  });
  strip = new Strip(outbox);
  if (navigator.onLine) document.getElementById("offline").textContent = BUSY;
  switchSize();
  const kept = await store.get("kept", "round");
  const round = kept && Date.now() - kept.at < KEPT_FOR ? kept : null;
  if (round) document.getElementById("who").textContent = round.name_of_person;
  if (round && round.big) document.documentElement.classList.add("big");
  if (at === "/") await showWeek(round, outbox);
  else if (at === "/mine/") queue = await showMine(outbox, round);
  else if (at.indexOf("/record/") === 0) await showRecord(round, at.split("/")[2], store, outbox);
  else show("other");
  await strip.show();
  window.addEventListener("online", () => {
    document.getElementById("offline").textContent = BACK;
    outbox.send().then(() => comeBack(strip));
  });
  await outbox.send();
  const words = await roomWords();
  if (words) showNote("note-mind", "bang", [words], document.getElementById("offline").parentNode, "room");
  if (await fetchRound(store)) {
    await outbox.send(); /* what is under way arrives first */
    comeBack(strip);
  }
}

/* There is a signal after all: the server's own page, unless it was tried a moment ago. */
function comeBack(strip) {
  const tried = Number(sessionStorage.getItem(TRIED) || 0);
  if (isBusy() || Date.now() - tried < TRY_AGAIN) return;
  if (strip.reload()) sessionStorage.setItem(TRIED, String(Date.now()));
  else setTimeout(() => comeBack(strip), QUIET);
}

/* Somebody is filling in a record, or copying what is here: the page stays as it is. */
function isBusy() {
  return Boolean(document.querySelector("form.called, textarea[readonly]")) || !document.querySelector("section[data-page=record]").hidden;
}

function show(name) {
  document.querySelectorAll("[data-page]").forEach((part) => { part.hidden = part.getAttribute("data-page") !== name; });
  document.querySelectorAll("[data-tab]").forEach((tab) => {
    if (tab.getAttribute("data-tab") === name) tab.setAttribute("aria-current", "page");
  });
  if (name === "record") {
    document.querySelector("nav.tabs").remove();
    document.querySelector("main").classList.remove("with-tabs");
  }
}

function cloned(id) {
  return document.importNode(document.getElementById(id).content, true).firstElementChild;
}

/* 本周探访 */

const HEADINGS = [["today", "今天要做"], ["later", "星期天前做"], ["done", "本周做完的"], ["away", "这几天不在家的"], ["other", "本周没有任务的"]];

async function showWeek(round, outbox) {
  show("week");
  const place = document.getElementById("cards");
  if (!round) {
    place.append(element("div", { class: "card" }, element("p", {}, NO_LIST)));
    return;
  }
  listenForCalls(outbox, {
    saved: () => location.assign("/"),
    failed: (broken, form) => showNote("note-bad", "bang", [troubleWords(broken)], form),
  });
  const items = await outbox.items();
  if (round.monday !== mondayOf(now())) {
    const list = element("ul", {});
    round.cards.forEach((card) => list.append(cardOf(Object.assign({}, card, { left: [], notes: [] }), items)));
    place.append(element("h2", { class: "section" }, LAST_WEEK), list);
    document.dispatchEvent(new Event("cards"));
    return;
  }
  HEADINGS.forEach(([state, words]) => {
    const cards = round.cards.filter((card) => card.state === state);
    if (!cards.length) return;
    const list = element("ul", {});
    cards.forEach((card) => list.append(cardOf(card, items)));
    place.append(element("h2", { class: "section" }, `${words}（${cards.length} 户）`), list);
  });
  document.dispatchEvent(new Event("cards"));
}

function cardOf(card, items) {
  const made = cloned("card");
  made.id = `h-${card.household}`;
  if (card.risk_class) {
    const badge = element("span", { class: `klass klass-${card.risk_class.toLowerCase()}` }, icon(SHAPES[card.risk_class]), `${card.risk_class}类`);
    made.querySelector(".card-head").prepend(badge);
  }
  const names = made.querySelector(".names");
  names.textContent = card.elders.map((elder) => elder.name).join("、");
  names.setAttribute("data-names", names.textContent);
  made.querySelector(".due").textContent = card.left.length ? `还差：${card.left.join("、")}` : "";
  made.querySelector(".addr").textContent = card.where;
  const acts = made.querySelector(".acts");
  card.chains.forEach((chain) => {
    const strip = noteOf("clock", chain.words, true);
    if (chain.phone) strip.lastChild.append(element("div", {}, element("a", { class: "btn btn-small", href: `tel:${chain.phone}` }, icon("phone"), `打给${chain.contact || "紧急联系人"}`)));
    acts.before(strip);
  });
  card.notes.forEach((note) => {
    const strip = noteOf(note.icon, note.words, note.mind);
    if (note.asks) strip.setAttribute("data-asks", note.asks);
    acts.before(strip);
  });
  items.filter((item) => item.household === card.household && item.state === WAITING && item.record).forEach((item) => {
    acts.before(noteOf("device", `${inShanghai(Date.parse(item.record.started_at)).slice(11, 16)} 已记：${item.words}（在手机里，等待发送）`));
  });
  const call = made.querySelector("[data-call]");
  if (card.phone) {
    call.href = `tel:${card.phone}`;
    const atHome = card.elders.filter((elder) => !elder.away);
    call.setAttribute("data-elders", (atHome.length ? atHome : card.elders).map((elder) => elder.id).join(" "));
  } else call.replaceWith(element("button", { class: "btn", disabled: "" }, "没有登记电话"));
  made.querySelector("[data-record]").href = `/record/${card.household}/`;
  return made;
}

function noteOf(picture, words, mind) {
  return element("div", { class: mind ? "note note-mind" : "note" }, icon(picture), element("div", {}, words));
}

/* 我的记录 */

async function showMine(outbox, round) {
  show("mine");
  const list = document.getElementById("queue");
  list.className = "card rows";
  list.after(saveAsFile(outbox, round ? round.name_of_person : "本机"));
  const fill = async () => {
    const rows = await stillRows(() => queueRows(outbox));
    list.textContent = "";
    list.append(...(rows.length ? rows : [element("li", {}, element("p", {}, "这几天在这部手机上还没有记录。"))]));
  };
  await fill();
  return fill;
}

/* 记录探访 */

async function showRecord(round, household, store, outbox) {
  const card = round && round.cards.filter((one) => one.household === household)[0];
  if (!card) {
    show("other");
    return;
  }
  show("record");
  const form = document.getElementById("record");
  form.setAttribute("data-household", household);
  const picks = form.querySelector(".picks");
  card.elders.forEach((elder) => {
    const pick = cloned("pick");
    const input = pick.querySelector("input");
    input.value = elder.id;
    input.defaultChecked = !elder.away;
    pick.querySelector("span").textContent = elder.name;
    picks.append(pick);
  });
  const buttons = form.querySelector(".stack");
  card.asked.forEach((asked) => {
    const question = cloned("question");
    question.querySelector("legend").textContent = asked.words;
    question.querySelectorAll("input").forEach((input) => { input.name = `answer_${asked.id}`; });
    buttons.before(question);
  });
  startNow(form);
  const record = new RecordPage(form, {
    store,
    outbox,
    saved: () => location.assign("/"),
    failed: (broken) => showNote("note-bad", "bang", [troubleWords(broken)], form),
  });
  await record.begin(calledFields(household));
}

start();

/* The strip on top that says what is still on the phone, and the list of it. */

import { momentWords } from "./clock.js";
import { CANCELLED, HELD, RECEIVED, REFUSED, WAITING } from "./outbox.js";

const SENT = "visitcare-sent", LEFT = "visitcare-left";
const NEARLY_FULL = 0.9, LEAST_FREE = 5 * 1024 * 1024;
const SHOWN = {
  [WAITING]: ["phone", "device", "在手机里"],
  [HELD]: ["mind", "clock", "镇里在核对"],
  [REFUSED]: ["bad", "no", "没收下"],
  [RECEIVED]: ["ok", "tick", "发出去了"],
  [CANCELLED]: ["wait", "back", "已撤回"],
};

export const QUIET = 3000;
const CLICK_COMES = 400, LOOK_AGAIN = 100;
const LEAVING = 30 * 1000; /* as long as the service worker waits for a page */
let tappedAt = 0, leftAt = 0, isDown = false;

/* When this page was asked for, as the one before it has noted; 0 where the browser does not tell pages that they go. */
export const askedForAt = Number(sessionStorage.getItem(LEFT)) || 0;
sessionStorage.removeItem(LEFT);
window.addEventListener("beforeunload", () => {
  leftAt = Date.now();
  sessionStorage.setItem(LEFT, String(leftAt));
});

["touchstart", "mousedown"].forEach((kind) => {
  document.addEventListener(kind, () => {
    tappedAt = Date.now();
    isDown = true;
  }, { capture: true, passive: true });
});
["touchend", "touchcancel", "mouseup"].forEach((kind) => {
  document.addEventListener(kind, () => setTimeout(() => { isDown = false; }, CLICK_COMES), { capture: true, passive: true });
});

/* Somebody is using the page at this moment. */
function isTouched() {
  return Date.now() - tappedAt < QUIET;
}

export function element(name, attributes, ...inside) {
  const made = document.createElement(name);
  Object.keys(attributes || {}).forEach((key) => made.setAttribute(key, attributes[key]));
  inside.forEach((part) => made.append(part));
  return made;
}

export function icon(name) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  made.setAttribute("class", "ico");
  made.setAttribute("aria-hidden", "true");
  use.setAttribute("href", `#i-${name}`);
  made.append(use);
  return made;
}

function stateChip(item) {
  const [kind, picture, words] = shownAs(item);
  return element("span", { class: `state state-${kind}` }, icon(picture), words);
}

function shownAs(item) {
  if (item.kind === "withdrawal" && item.state === REFUSED) return ["bad", "no", "撤回没办成"];
  if (item.state === CANCELLED && item.corrected) return ["wait", "pen", "已更正"];
  return SHOWN[item.state];
}

export class Strip {
  constructor(outbox) {
    this.outbox = outbox;
    this.hadWaiting = sessionStorage.getItem(SENT) === "yes";
    this.sentAt = null; /* when the page said so: the next one says it again to whom it was not there long enough */
    sessionStorage.removeItem(SENT);
    window.addEventListener("pagehide", () => {
      if (this.hadWaiting && (!this.sentAt || Date.now() - this.sentAt < QUIET)) sessionStorage.setItem(SENT, "yes");
    });
    this.line = element("div", { class: "outbox", role: "status", hidden: "" });
    const main = document.querySelector("main");
    main.insertBefore(this.line, main.firstChild);
  }

  /* The page as the server has it now. Not under somebody's finger: a tap that is on its way to the next page must arrive,
     however long that takes. Whether it comes. */
  reload() {
    if (isTouched() || Date.now() - leftAt < LEAVING) return false;
    this.sentAt = null;
    location.reload();
    return true;
  }

  async show() {
    const items = await this.outbox.items();
    const waiting = items.filter((item) => item.state === WAITING).length;
    const stuck = items.filter((item) => item.state === REFUSED && !item.seen).length;
    const photos = items.filter((item) => item.state === RECEIVED && item.photo).length;
    const said = this._words(waiting, stuck, photos);
    this.hadWaiting = this.hadWaiting || waiting > 0;
    if (waiting) this.sentAt = null;
    else if (stuck) this.hadWaiting = false; /* it is told with what was not taken */
    else if (this.hadWaiting) this.sentAt = this.sentAt || Date.now();
    this.line.hidden = !said;
    if (!said) return;
    const [kind, picture, words, link] = said;
    const key = said.join();
    if (this.line.getAttribute("data-said") === key) return; /* a screen reader hears a line once */
    this.line.setAttribute("data-said", key);
    this.line.className = `outbox ${kind}`;
    this.line.textContent = "";
    this.line.append(element("p", {}, icon(picture), words));
    if (link) this.line.append(element("a", { class: "btn btn-small", href: link[1] }, link[0]));
  }

  _words(waiting, stuck, photos) {
    if (waiting && this.outbox.signedOut) {
      return ["", "device", `登录结束了，还有 ${waiting} 条没发出去`, ["去登录", "/login/?next=/"]];
    }
    if (waiting && this.outbox.sending) return ["", "send", `正在发送，还有 ${waiting} 条`];
    if (waiting) return ["", "device", `已存在手机，等待发送 ${waiting} 条`, ["看一看", "/mine/"]];
    if (stuck) return ["is-bad", "bang", `${stuck} 条没收下，别的都已发出`, ["看原因", "/mine/"]];
    if (photos) return ["", "camera", `记录都发出去了，还有 ${photos} 张照片等待发送`];
    return this.hadWaiting ? ["is-sent", "tick", "都发出去了"] : null;
  }
}

/* Records on the phone with their state, the latest first: those of some states and what was not taken, or all. */
export async function queueRows(outbox, states) {
  const items = (await outbox.items()).reverse();
  return items
    .filter((item) => !states || states.indexOf(item.state) >= 0 || (item.state === REFUSED && !item.seen) || item.photo_words)
    .map((item) => row(outbox, item, items.some((other) => other.kind === "withdrawal" && other.visit === item.id)));
}

/* Rows to be shown in the place of others, when no finger is on them: what is tapped must not move away before the click. */
export async function stillRows(read) {
  for (;;) {
    const rows = await read();
    if (!isDown || !isTouched()) return rows;
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN));
  }
}

function row(outbox, item, isTakenBack) {
  const when = item.record ? `${momentWords(Date.parse(item.record.started_at))} · ` : "";
  const made = element("li", { "data-item": item.id },
    element("div", { class: "row" }, element("b", {}, item.names || item.words), stateChip(item)),
    element("p", {}, when + item.words));
  const reasons = item.answer ? reasonsOf(item.answer) : [];
  if (item.state === HELD || item.state === REFUSED) {
    reasons.forEach((words) => made.append(element("p", { class: "due" }, words)));
  }
  if (item.photo_words) made.append(element("p", { class: "due" }, item.photo_words));
  const acts = element("div", { class: "acts acts-small" });
  if ((item.state === WAITING || item.state === HELD) && item.kind === "visit" && !isTakenBack) {
    acts.append(button("撤回", () => outbox.takeBack(item.id).then(() => outbox.send()), "再点一次，就撤回"));
  }
  if (item.answer && item.answer.unreadable) acts.append(button("再发一次", () => outbox.sendAgain(item.id)));
  if ((item.state === REFUSED && !(item.answer && item.answer.unreadable)) || item.photo_words) {
    acts.append(button("知道了", () => outbox.store.change([item.id], (now) => Object.assign(now, { seen: true, photo_words: "" })).then(outbox.changed)));
  }
  if (acts.childNodes.length) made.append(acts);
  return made;
}

export function reasonsOf(answer) {
  if (answer.reason) return [answer.reason];
  const errors = answer.errors || {};
  const words = Array.isArray(errors) ? errors : [].concat(...Object.keys(errors).map((name) => errors[name]));
  return words.map((one) => (typeof one === "string" ? one : one.words || one.message || one.detail || "")).filter(Boolean);
}

/* `sure`: what it says after the first tap, where it takes a second one. */
function button(words, pressed, sure) {
  const made = element("button", { class: "btn btn-small", type: "button" }, words);
  made.addEventListener("click", () => {
    if (sure && made.textContent !== sure) made.textContent = sure;
    else pressed();
  });
  return made;
}

/* 存成文件: the last way out of a phone that cannot send; as text too, for browsers that save no file. */
export function saveAsFile(outbox, name) {
  const part = element("div", { class: "section" });
  part.append(button("存成文件", async () => {
    const text = await outbox.asFile();
    const file = URL.createObjectURL(new Blob([text], { type: "application/json" }));
    element("a", { href: file, download: `探访记录-${name}-${new Date().toISOString().slice(0, 10)}.json` }).click();
    setTimeout(() => URL.revokeObjectURL(file), 60000);
    while (part.childNodes.length > 1) part.lastChild.remove();
    part.append(asText(text));
  }));
  return part;
}

function asText(text) {
  const words = element("textarea", { readonly: "", rows: "4", "aria-label": "记录的内容" });
  const told = element("p", { role: "status" });
  words.value = text;
  const copy = button("复制", async () => {
    try {
      await navigator.clipboard.writeText(text);
    } catch (unknown) { /* old browsers, or not permitted */
      words.select();
      document.execCommand("copy");
    }
    told.textContent = "复制好了。到微信里粘贴，发给镇民政办的人。";
  });
  return element("div", { class: "field" },
    element("p", {}, "文件没有存下来？点“复制”，粘贴发给镇民政办的人。里面有老人的情况，不要发到群里。"), copy, told, words);
}

/* Words when the phone has hardly any room left, else nothing. */
export async function roomWords() {
  if (!navigator.storage || !navigator.storage.estimate) return "";
  const { usage, quota } = await navigator.storage.estimate().catch(() => ({}));
  const full = quota && (usage / quota > NEARLY_FULL || quota - usage < LEAST_FREE);
  return full ? "手机快存满了。请删掉一些照片、视频，不然记录可能存不下。" : "";
}

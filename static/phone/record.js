/* The form of one record: kept as it is filled in, judged here, and laid into the outbox instead of being sent as a page.
   What it says is read as visits/forms.py reads it. */

import { inShanghai, momentWords, now } from "./clock.js";
import { DRAFT_HOLDS, uuid } from "./outbox.js";
import { PhotoPart } from "./photo.js";

const OUTCOMES = {
  ok: { home: "met", greeting: "spoke" },
  found: { home: "met", greeting: "spoke" },
  absent: { home: "not_home", greeting: "no_answer" },
  declined: { home: "declined", greeting: "declined" },
};
const RESULT_WORDS = { ok: "一切正常", found: "有情况", absent: "没联系上", declined: "老人不愿意" };
const MODE_WORDS = { home: "上门", phone: "电话", video: "视频" };
const DRAFT_IS_FRESH = 30 * 60 * 1000; /* a page that died; later it may be another visit */
const NOT_TYPED = ["csrfmiddlewaretoken", "written_by", "visit_id", "result", "step", "photo"];

/* What a filled-in form says: {record, words}, or {mistakes}. Before the second step only the mistakes of the first. */
export function read(form, pressed) {
  const said = new FormData(form);
  const elders = said.getAll("elders");
  const mode = said.get("mode");
  const started = said.get("started_at");
  const mistakes = [];
  if (!elders.length) mistakes.push("没有选老人。请至少选一位。");
  if (!mode) mistakes.push("没有选怎么看望的。请选上门、电话或视频。");
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(started)) mistakes.push("没有写时间。请写哪天几点去的。");
  else if (Date.parse(`${started.slice(0, 16)}:00+08:00`) > now() + 5 * 60 * 1000) mistakes.push("时间写成了还没到的。请改一下时间。");
  const findings = pressed === "details" ? [] : readFindings(form, said, elders);
  if (pressed === "found" && !findings.length) {
    mistakes.push("还没有选哪里有情况。请点开一项选一选；都好的话，点“返回”，再点“一切正常”。");
  }
  if (pressed !== "found" && findings.length) {
    mistakes.push("“有情况”里选了、写了的，还没有保存。要报，点“有情况，我来说”，再点“保存这次记录”；不报，点进去把它点掉。");
  }
  if (mistakes.length || pressed === "details") return { mistakes };
  const isHome = mode === "home";
  const byFamily = said.get("family") && !isHome && (pressed === "ok" || pressed === "found");
  const record = {
    schema: 1,
    elders,
    mode,
    outcome: byFamily ? "family" : OUTCOMES[pressed][isHome ? "home" : "greeting"],
    started_at: `${started.length === 16 ? `${started}:00` : started}+08:00`,
    agreed: isHome ? said.get("agreed") !== null : null,
  };
  if (findings.length) record.findings = findings;
  const answers = readAnswers(said);
  if (Object.keys(answers).length) record.answers = answers;
  const position = isHome ? readPosition(said.get("position") || "") : null;
  if (position) record.position = position;
  return { record, words: `${MODE_WORDS[mode]}，${RESULT_WORDS[pressed]}` };
}

function readFindings(form, said, present) {
  const findings = [];
  form.querySelectorAll("details.area").forEach((part) => {
    const area = part.getAttribute("data-area");
    const kinds = said.getAll(`${area}_kinds`);
    const words = (said.get(`${area}_words`) || "").trim();
    if (!kinds.length && !words) return;
    const finding = { area, kinds, words, elder: null, household_mends: false };
    if (area === "safety") { /* a dwelling is everybody's */
      findings.push(Object.assign(finding, { household_mends: said.get("safety_mends") === "own" }));
      return;
    }
    let about = said.getAll(`${area}_who`).filter((elder) => present.indexOf(elder) >= 0);
    if (!about.length && present.length === 1) about = present;
    (about.length ? about : [null]).forEach((elder) => findings.push(Object.assign({}, finding, { elder })));
  });
  return findings;
}

function readAnswers(said) {
  const answers = {};
  said.forEach((value, name) => {
    if (name.indexOf("answer_") === 0 && value) answers[name.slice(7)] = value === "yes";
  });
  return answers;
}

/* As care.js writes it when somebody taps. */
function readPosition(text) {
  const [latitude, longitude, accuracy] = text.split(",").map(Number);
  return text && [latitude, longitude, accuracy].every(Number.isFinite) ? { latitude, longitude, accuracy } : null;
}

/* Drafts: every field as it stands, so that a page that dies loses nothing */

function typed(form) {
  const fields = [];
  new FormData(form).forEach((value, name) => {
    if (NOT_TYPED.indexOf(name) < 0) fields.push([name, value]);
  });
  return fields;
}

function keptFields(form) {
  return Array.from(form.elements).filter((field) => {
    const isKept = field.type !== "hidden" || field.name === "position";
    return field.name && isKept && field.type !== "submit" && NOT_TYPED.indexOf(field.name) < 0;
  });
}

/* Fields that stand otherwise than the page came, `started_at` aside, which this script sets. */
function touched(form) {
  return keptFields(form).filter((field) => {
    if (/radio|checkbox/.test(field.type)) return field.checked !== field.defaultChecked;
    return field.name !== "started_at" && field.value !== field.defaultValue;
  });
}

/* What was tapped since the page came stays: on a slow phone that may be before this script has. */
function fill(form, fields) {
  const tapped = touched(form).map((field) => ({ field, checked: field.checked, value: field.value }));
  const values = {};
  fields.forEach(([name, value]) => { (values[name] = values[name] || []).push(value); });
  keptFields(form).forEach((field) => {
    const said = values[field.name] || [];
    if (/radio|checkbox/.test(field.type)) field.checked = said.indexOf(field.value) >= 0;
    else if (said.length && !(field.type === "hidden" && field.value)) field.value = said[0]; /* a place read meanwhile */
  });
  tapped.forEach(({ field, checked, value }) => {
    if (field.type === "radio") field.checked = field.checked || checked;
    else if (field.type === "checkbox") field.checked = checked;
    else field.value = value;
  });
  const mode = form.querySelector("input[name=mode]:checked");
  if (mode) mode.dispatchEvent(new Event("change")); /* care.js shows what belongs to it */
  form.querySelectorAll("details.area").forEach((area) => {
    area.open = Boolean(area.querySelector("input:checked")) || Boolean(area.querySelector("textarea").value);
    area.querySelector("textarea").dispatchEvent(new Event("change", { bubbles: true })); /* care.js says on its head what is chosen */
  });
}

function isFresh(draft, age) {
  return Boolean(draft) && now() - draft.at < age;
}

/* The page of one record. `kind` is visit or correction, `about` the corrected visit, `draft` the draft's name,
   `names` the words for the elders by their keys. */
export class RecordPage {
  constructor(form, { store, outbox, saved, failed }) {
    this.form = form;
    this.store = store;
    this.outbox = outbox;
    this.saved = saved;
    this.failed = failed;
    this.kind = form.getAttribute("data-kind");
    this.about = form.getAttribute("data-visit") || undefined;
    this.household = form.getAttribute("data-household");
    this.draft = this.about || this.household;
    this.offered = null;
    this.pressed = "";
    this.isSaved = false;
    const time = form.elements.started_at;
    this.untouched = form.hasAttribute("data-said") ? null : time.defaultValue || time.value;
    this.tellTime();
    this.unfold();
    this.photo = new PhotoPart(form, store, this.draft);
    form.addEventListener("click", (event) => {
      const button = event.target.closest("button[name=result]");
      if (button) this.pressed = button.value;
    });
    form.addEventListener("submit", (event) => this.submit(event));
    form.addEventListener("input", () => this.keep());
    form.addEventListener("change", () => this.keep());
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible" && this.isNow()) this.setTime(inShanghai(now()).slice(0, 16));
    });
    document.addEventListener("click", (event) => {
      const back = event.target.closest("button[name=result][value=back]");
      if (!back) return;
      event.preventDefault();
      this.show("first");
    });
  }

  /* Go on where it was left, after a while only if it is wished. `called`: what was chosen on the card after a call, of
     which more is to be said. */
  async begin(called) {
    const draft = await this.store.get("drafts", this.draft).catch(() => null);
    if (called) { /* what was written in the areas before stays */
      const written = draft ? draft.fields.filter(([name]) => /_(words|kinds|who|mends)$/.test(name)) : [];
      this.goOn(called.concat(written), "details");
      return;
    }
    const wasTouched = touched(this.form).length > 0;
    if (isFresh(draft, DRAFT_IS_FRESH)) {
      this.offer(draft.before);
      this.goOn(draft.fields, draft.step);
    } else this.offer(draft);
    if (wasTouched) this.keep();
  }

  goOn(fields, step) {
    fill(this.form, fields);
    this.photo.resume();
    this.about_whom = fields.filter(([name]) => /_who$/.test(name)).map((field) => field.join(" "));
    if (fields.some(([name]) => name === "started_at")) this.tellTime();
    if (step === "details") this.show("details");
  }

  /* What was left hours ago, until it is gone on with or refused; what is filled in beside it is kept beside it. */
  offer(draft) {
    if (!isFresh(draft, DRAFT_HOLDS)) return;
    this.offered = Object.assign({}, draft, { before: undefined });
    const note = showNote("note-mind", "pen", [`${momentWords(draft.at)} 有一次没写完的。`], this.form, "draft");
    const links = document.createElement("div");
    links.className = "links";
    [["接着写", () => this.goOn(draft.fields, draft.step)], ["不要了", () => this.photo.id || this.photo.drop()]].forEach(([words, act]) => {
      const link = document.createElement("button");
      link.type = "button";
      link.className = "link";
      link.textContent = words;
      link.addEventListener("click", () => {
        note.remove();
        this.offered = null;
        act();
        if (touched(this.form).length) this.keep();
        else this.store.remove("drafts", this.draft).catch(() => {});
      });
      links.appendChild(link);
    });
    note.lastChild.appendChild(links);
  }

  /* A time that nobody has touched is that of the visit that is recorded now, not of a page that was opened before. */
  setTime(value) {
    this.form.elements.started_at.value = value;
    this.untouched = value;
    this.tellTime();
  }

  isNow() {
    return this.kind === "visit" && this.form.elements.started_at.value === this.untouched;
  }

  tellTime() {
    const words = this.form.querySelector(".when .link");
    const when = Date.parse(`${this.form.elements.started_at.value.slice(0, 16)}:00+08:00`);
    if (words && when) words.textContent = `${momentWords(when)} · 改时间`;
  }

  keep() {
    if (this.isSaved) return;
    const step = this.form.getAttribute("data-step");
    const fields = typed(this.form).filter(([name]) => name !== "started_at" || !this.isNow());
    const before = this.offered || undefined;
    this.store.put("drafts", { form: this.draft, at: now(), step, fields, before }).catch(() => {});
  }

  /* The second step, which without script is a page of its own, stands folded in the form. */
  unfold() {
    const hidden = this.form.querySelector("[data-hidden-step]");
    this.about_whom = hidden ? Array.from(hidden.querySelectorAll("[name$=_who]"), (field) => `${field.name} ${field.value}`) : [];
    if (hidden) hidden.remove();
    const second = document.importNode(document.getElementById("details").content, true);
    const [head, form] = [document.createElement("div"), document.createElement("div")];
    Array.from(second.children).forEach((part) => (part.matches(".row, .quiet") ? head : form).appendChild(part));
    [[head, document.querySelector("header.top")], [form, this.form]].forEach(([part, place]) => {
      part.setAttribute("data-of-step", "details");
      part.hidden = true;
      place.appendChild(part);
    });
    this.summary = head.querySelector(".quiet");
  }

  /* The first step asks who, how and when; the second the five areas. */
  show(step) {
    this.form.setAttribute("data-step", step);
    document.querySelectorAll("[data-of-step]").forEach((part) => {
      part.hidden = part.getAttribute("data-of-step") !== step;
    });
    if (step === "details") this.askWho();
    this.photo.move(step);
    window.scrollTo(0, 0);
    this.keep();
  }

  /* 是谁？ only where several were met, and only of those */
  askWho() {
    const met = this.met();
    this.form.querySelectorAll("[data-who]").forEach((part) => {
      const name = part.getAttribute("data-who");
      const picks = part.querySelector(".picks");
      const chosen = Array.from(picks.querySelectorAll("input:checked"), (input) => `${name} ${input.value}`);
      part.hidden = met.length < 2;
      picks.textContent = "";
      (part.hidden ? [] : met).forEach((elder) => {
        const pick = document.importNode(elder.parentNode, true);
        const input = pick.querySelector("input");
        input.name = name;
        input.checked = chosen.concat(this.about_whom).indexOf(`${name} ${elder.value}`) >= 0;
        picks.appendChild(pick);
      });
    });
    this.about_whom = []; /* from here on the boxes say it */
    const mode = this.form.querySelector("input[name=mode]:checked");
    const names = met.map((elder) => this.nameOf(elder.value)).join("、");
    const when = Date.parse(`${this.form.elements.started_at.value.slice(0, 16)}:00+08:00`);
    this.summary.textContent = `${names} · ${mode ? MODE_WORDS[mode.value] : ""} · ${momentWords(when)}`;
  }

  met() {
    return Array.from(this.form.querySelectorAll("input[name=elders]:checked"));
  }

  async submit(event) {
    event.preventDefault();
    if (this.isSaved) return;
    const pressed = this.pressed;
    if (pressed === "big" || pressed === "back") return; /* page.js and the click on it see to these */
    if (this.isNow()) this.setTime(inShanghai(now()).slice(0, 16));
    if (pressed === "details") {
      const { mistakes } = read(this.form, "details");
      if (mistakes.length) this.tell(mistakes);
      else this.show("details");
      return;
    }
    const { record, words, mistakes } = read(this.form, pressed);
    if (mistakes) {
      this.tell(mistakes);
      return;
    }
    const id = this.form.elements.visit_id.value || uuid();
    const names = record.elders.map((elder) => this.nameOf(elder)).join("、");
    const photo = this.photo.id || undefined;
    const item = { id, kind: this.kind, visit: this.about, household: this.household, names, words, record, photo };
    this.isSaved = true;
    try {
      await this.outbox.add(item, this.draft, this.offered);
    } catch (broken) {
      this.isSaved = false;
      this.failed(broken, pressed);
      return;
    }
    const last = await this.photo.finished(); /* one that was still being made small */
    if (last && last !== photo) await this.outbox.addPhoto(id, last).catch(() => {}); /* the record goes without it */
    this.saved(item, pressed);
  }

  nameOf(elder) {
    const input = Array.from(this.form.querySelectorAll("input[name=elders]")).filter((one) => one.value === elder)[0];
    return input.parentNode.textContent.trim().replace(/（.*$/, "");
  }

  tell(mistakes) {
    showNote("note-bad", "bang", ["这条还没收下，写的内容都还在：", ...mistakes], this.form);
  }
}

/* A strip of words before some part of the page; the one before it about the same goes. */
export function showNote(kind, icon, lines, before, about = "record") {
  const old = document.querySelectorAll(`[data-told=${about}]`);
  const note = document.createElement("div");
  note.className = `note ${kind}`;
  note.setAttribute("role", kind === "note-bad" ? "alert" : "status");
  note.setAttribute("data-told", about);
  note.innerHTML = `<svg class="ico" aria-hidden="true"><use href="#i-${icon}"/></svg><div></div>`;
  lines.forEach((words) => {
    const line = document.createElement("p");
    line.textContent = words;
    note.lastChild.appendChild(line);
  });
  before.parentNode.insertBefore(note, before);
  old.forEach((one) => one.remove());
  note.scrollIntoView({ block: "center" });
  return note;
}

/* Fields of a new form that only the moment of opening knows. */
export function startNow(form) {
  form.elements.visit_id.value = uuid();
  form.elements.started_at.value = inShanghai(now()).slice(0, 16);
}

/* What the phone cannot keep, for whatever reason. */
export function troubleWords(broken) {
  return broken && broken.name === "QuotaExceededError"
    ? "手机存满了，这条没能存进手机。请删掉一些照片、视频，再点一次。"
    : "这条没能存进手机。请关掉这一页重新打开，或者到有信号的地方再点一次。";
}

/* As a page without this script would; the button that was pressed goes along. */
export function sendAsPage(form, pressed) {
  const button = document.createElement("input");
  button.type = "hidden";
  button.name = "result";
  button.value = pressed;
  form.appendChild(button);
  form.submit();
}

/* The form of one record: kept as it is filled in, judged here, and laid into the outbox instead of being sent as a page.
   What it says is read as visits/forms.py reads it. */

import { inShanghai, momentWords, now } from "./clock.js";
import { uuid } from "./outbox.js";

const OUTCOMES = {
  ok: { home: "met", greeting: "spoke" },
  found: { home: "met", greeting: "spoke" },
  absent: { home: "not_home", greeting: "no_answer" },
  declined: { home: "declined", greeting: "declined" },
};
const RESULT_WORDS = { ok: "一切正常", found: "有情况", absent: "没联系上", declined: "老人不愿意" };
const MODE_WORDS = { home: "上门", phone: "电话", video: "视频" };
const DRAFT_HOLDS = 24 * 3600 * 1000;
const NOT_TYPED = ["csrfmiddlewaretoken", "written_by", "visit_id", "result", "step"];

/* What a filled-in form says: {record, words}, or {mistakes}. `areas` are the five, in their order. */
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
  const findings = pressed === "found" ? readFindings(form, said, elders) : [];
  if (pressed === "found" && !findings.length) {
    mistakes.push("还没有选哪里有情况。请点开一项选一选；都好的话，点“返回”，再点“一切正常”。");
  }
  if (mistakes.length) return { mistakes };
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

/* Drafts: every field as it stands, so that a page that dies loses nothing */

export function typed(form) {
  const fields = [];
  new FormData(form).forEach((value, name) => {
    if (NOT_TYPED.indexOf(name) < 0) fields.push([name, value]);
  });
  return fields;
}

export function fill(form, fields) {
  const values = {};
  fields.forEach(([name, value]) => { (values[name] = values[name] || []).push(value); });
  Array.from(form.elements).forEach((field) => {
    if (!field.name || field.type === "hidden" || field.type === "submit" || NOT_TYPED.indexOf(field.name) >= 0) return;
    const said = values[field.name] || [];
    if (/radio|checkbox/.test(field.type)) field.checked = said.indexOf(field.value) >= 0;
    else if (said.length) field.value = said[0];
  });
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
    this.pressed = "";
    this.isSaved = false;
    this.unfold();
    form.addEventListener("click", (event) => {
      const button = event.target.closest("button[name=result]");
      if (button) this.pressed = button.value;
    });
    form.addEventListener("submit", (event) => this.submit(event));
    form.addEventListener("input", () => this.keep());
    form.addEventListener("change", () => this.keep());
    document.addEventListener("click", (event) => {
      const back = event.target.closest("button[name=result][value=back]");
      if (!back) return;
      event.preventDefault();
      this.show("first");
    });
  }

  /* Go on where it was left. `called`: what was chosen on the card after a call, of which more is to be said. */
  async begin(called) {
    const draft = await this.store.get("drafts", this.draft);
    if (called) fill(this.form, called);
    else if (draft && now() - draft.at < DRAFT_HOLDS) fill(this.form, draft.fields);
    if (called || (draft && draft.step === "details")) this.show("details");
  }

  keep() {
    if (this.isSaved) return;
    const step = this.form.getAttribute("data-step");
    this.store.put("drafts", { form: this.draft, at: now(), step, fields: typed(this.form) }).catch(() => {});
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
    if (pressed === "details") {
      const { mistakes } = read(this.form, "ok");
      if (mistakes) this.tell(mistakes);
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
    const item = { id, kind: this.kind, visit: this.about, household: this.household, names, words, record };
    this.isSaved = true;
    try {
      await this.outbox.add(item, this.draft);
    } catch (full) {
      this.isSaved = false;
      this.failed(full);
      return;
    }
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

/* A strip of words before some part of the page; the one before it goes. */
export function showNote(kind, icon, lines, before) {
  const old = document.querySelectorAll("[data-told]");
  const note = document.createElement("div");
  note.className = `note ${kind}`;
  note.setAttribute("role", kind === "note-bad" ? "alert" : "status");
  note.setAttribute("data-told", "");
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
  const words = form.querySelector(".when .link");
  if (words) words.textContent = `${momentWords(now())} · 改时间`;
}

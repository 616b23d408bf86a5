/* 打完电话回来: what the small form on a card (care.js) says goes the way of every record. */

import { uuid } from "./outbox.js";

const CALLED = "visitcare-called";
const OUTCOMES = { ok: ["spoke", "电话，一切正常"], absent: ["no_answer", "电话，没联系上"] };

/* `saved(item, pressed)` when it is safe on the phone, `failed(broken, form, pressed)` when it is not. */
export function listenForCalls(outbox, { saved, failed }) {
  let pressed = "";
  document.addEventListener("click", (event) => {
    const button = event.target.closest("form.called button[name=result]");
    if (button) pressed = button.value;
  });
  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (form.className !== "called") return;
    event.preventDefault();
    const household = new URL(form.action).pathname.split("/")[2];
    if (pressed === "details") {
      sessionStorage.setItem(CALLED, JSON.stringify({ household, fields: Array.from(new FormData(form)) }));
      location.assign(form.action);
      return;
    }
    const item = read(form, pressed, household);
    form.querySelectorAll("button").forEach((button) => { button.disabled = true; }); /* one tap, one answer */
    try {
      await outbox.add(item); /* what is being written of this household on its page stays */
    } catch (broken) {
      form.querySelectorAll("button").forEach((button) => { button.disabled = false; });
      failed(broken, form, pressed);
      return;
    }
    saved(item, pressed);
  });
}

function read(form, pressed, household) {
  const said = new FormData(form);
  const [outcome, words] = OUTCOMES[pressed];
  const started_at = `${said.get("started_at")}:00+08:00`;
  const record = { schema: 1, elders: said.getAll("elders"), mode: "phone", outcome, started_at, agreed: null };
  const answers = {};
  said.forEach((value, name) => {
    if (name.indexOf("answer_") === 0) answers[name.slice(7)] = value === "yes";
  });
  if (Object.keys(answers).length) record.answers = answers;
  const names = form.parentNode.querySelector(".names").getAttribute("data-names");
  return { id: said.get("visit_id") || uuid(), kind: "visit", household, names, words, record };
}

/* What was chosen on the card before 有情况, for the record page of that household; once. */
export function calledFields(household) {
  const called = JSON.parse(sessionStorage.getItem(CALLED) || "null");
  sessionStorage.removeItem(CALLED);
  return called && called.household === household ? called.fields : null;
}

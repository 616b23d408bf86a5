/* 登记: keeps every field as it is typed, and folds away what does not apply. The pages work without this file: then the
   button of each step keeps it. Written for old Android WebViews. */
(function () {
  "use strict";

  var form = document.querySelector("form[data-keeps]");
  if (!form) return;
  var saved = document.getElementById("saved");
  var dirty = {}; /* names that the server has not got yet, with the number of their last change */
  var changes = 0, sending = false, leaving = false, timer = null, patience = null;

  function all(selector, root) {
    return Array.prototype.slice.call((root || form).querySelectorAll(selector));
  }

  /* Keeping in the background */

  function packed(names) {
    var data = new FormData(form);
    var part = new FormData();
    ["csrfmiddlewaretoken", "written_by", "step", "rows"].forEach(function (name) {
      var field = form.elements[name];
      if (field) part.append(name, field.value);
    });
    part.append("go", "keep");
    names.forEach(function (name) {
      part.append("only", name);
      data.getAll(name).forEach(function (text) { part.append(name, text); });
    });
    return part;
  }

  function failed() {
    sending = false;
    saved.textContent = "刚才的还没存上，点“下一步”会再存";
  }

  function keep() {
    var names = Object.keys(dirty);
    if (!names.length || sending || leaving) return;
    var upTo = changes;
    sending = true;
    clearTimeout(patience);
    patience = setTimeout(failed, 15000); /* a signal that is neither there nor gone */
    fetch(form.action, { method: "POST", body: packed(names), credentials: "same-origin" })
      .then(function (answer) {
        if ((answer.headers.get("Content-Type") || "").indexOf("json") < 0) throw answer;
        return answer.json();
      })
      .then(function (said) {
        clearTimeout(patience);
        if (said.gone) { saved.textContent = said.gone; return; }
        names.forEach(function (name) { if (dirty[name] <= upTo) delete dirty[name]; });
        saved.textContent = "已保存 " + said.saved;
        tell(said.told || {});
        sending = false;
        if (Object.keys(dirty).length) later(300);
      })
      .catch(function () {
        clearTimeout(patience);
        failed();
      });
  }

  /* The page goes: what is being typed goes out by itself. Sent twice it is the same. */
  function flush() {
    var names = Object.keys(dirty);
    if (names.length && !leaving && navigator.sendBeacon) navigator.sendBeacon(form.action, packed(names));
  }

  function later(wait) {
    clearTimeout(timer);
    timer = setTimeout(keep, wait);
  }

  function note(event, wait) {
    var name = event.target.name;
    if (!name || event.target.type === "hidden") return;
    dirty[name] = ++changes;
    saved.textContent = "正在存……";
    later(wait);
  }

  function tell(told) {
    Object.keys(told).forEach(function (name) {
      var line = form.querySelector("[data-ask='" + name + "'] .told");
      if (!line) return;
      line.textContent = told[name];
      line.hidden = !told[name];
    });
  }

  if (window.fetch && window.FormData && FormData.prototype.getAll) {
    form.addEventListener("change", function (event) { note(event, 50); });
    form.addEventListener("input", function (event) { note(event, 1200); });
    document.addEventListener("visibilitychange", function () {
      if (document.visibilityState === "hidden") flush();
    });
    window.addEventListener("pagehide", flush);
    /* A button sends the whole step. What came after it would be of lines that no longer stand where they stood. */
    form.addEventListener("submit", function () { leaving = true; });
    window.addEventListener("pageshow", function () { leaving = false; });
    /* With a weak signal somebody may have typed before this file was here. */
    all("input, textarea").forEach(function (field) {
      var told = /radio|checkbox/.test(field.type) ? field.checked !== field.defaultChecked : field.value !== field.defaultValue;
      if (told) note({ target: field }, 300);
    });
  }

  /* An ID number ends in a digit or an X: a keyboard of digits, and a key for the X */
  var number = form.elements.id_number;
  if (number && number.type === "text") {
    var key = document.createElement("button");
    key.type = "button";
    key.className = "btn btn-small btn-below";
    key.textContent = "最后一位是 X";
    number.setAttribute("inputmode", "numeric");
    number.parentNode.insertBefore(key, number.nextSibling);
    key.addEventListener("click", function () {
      number.value = number.value.replace(/[xX]$/, "") + "X";
      note({ target: number }, 50);
    });
  }

  /* A question that makes sense only after some answers to another is folded away, unless it says something */
  function says(part) {
    return all("input, select, textarea", part).some(function (field) {
      return /radio|checkbox/.test(field.type) ? field.checked && field.value && field.value !== "unknown" : field.value;
    });
  }

  function fold() {
    all("[data-when]").forEach(function (part) {
      var wanted = part.getAttribute("data-is").split(" ");
      var chosen = all("[name='" + part.getAttribute("data-when") + "']").filter(function (field) {
        return field.tagName === "SELECT" || field.checked;
      });
      var fits = chosen.some(function (field) { return wanted.indexOf(field.value) >= 0; });
      part.hidden = !fits && !says(part) && part.className.indexOf("is-bad") < 0;
    });
  }
  form.addEventListener("change", fold);
  fold();
})();

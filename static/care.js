/* Small helps for the worker pages. Every page works without this file. Written for old Android WebViews. */
(function () {
  "use strict";

  function all(selector, root) {
    return Array.prototype.slice.call((root || document).querySelectorAll(selector));
  }

  /* 把密码显示出来 */
  all("[data-shows]").forEach(function (label) {
    var box = label.querySelector("input");
    label.hidden = false;
    box.addEventListener("change", function () {
      label.getAttribute("data-shows").split(/\s+/).forEach(function (id) {
        var field = id && document.getElementById(id);
        if (field) field.type = box.checked ? "text" : "password";
      });
    });
  });

  /* 老人同意上门 and 家里人替老人接的 only for the way of visiting they belong to */
  var modes = all("input[type=radio][name=mode]");
  function foldByMode() {
    var chosen = modes.filter(function (radio) { return radio.checked; })[0];
    all("[data-for-mode]").forEach(function (part) {
      var fits = chosen && part.getAttribute("data-for-mode").split(" ").indexOf(chosen.value) >= 0;
      part.hidden = !fits;
      if (!fits && chosen && part.querySelector("[name=family]")) part.querySelector("input").checked = false;
    });
  }
  modes.forEach(function (radio) { radio.addEventListener("change", foldByMode); });
  if (modes.length) foldByMode();

  /* 已选：… on the head of each area */
  function tell(area) {
    var line = area.querySelector("[data-about]");
    var chosen = all("[data-kinds] input:checked", area).map(function (box) {
      return box.parentNode.textContent.trim();
    });
    var written = area.querySelector("textarea").value.trim();
    line.textContent = chosen.length ? "已选：" + chosen.join("、") : line.getAttribute("data-about");
    area.classList[chosen.length || written ? "add" : "remove"]("is-found");
  }
  document.addEventListener("change", function (event) {
    var area = event.target.closest && event.target.closest("details.area");
    if (area) tell(area);
  });
  all("details.area").forEach(tell);

  /* Which photograph was chosen: the box that says so is hidden behind its button */
  document.addEventListener("change", function (event) {
    var box = event.target;
    var told = box.type === "file" && box.parentNode.querySelector("[data-chosen]");
    if (told) told.textContent = box.files.length ? "选好了：" + box.files[0].name : "";
  });

  /* 加上位置: one reading, when somebody taps, as coarse as it is kept */
  all("[data-position]").forEach(function (part) {
    var told = part.querySelector("[role=status]");
    if (!navigator.geolocation) return;
    part.hidden = false;
    part.querySelector("button").addEventListener("click", function () {
      var field = part.parentNode.querySelector("[name=position]");
      told.textContent = "正在看位置……";
      navigator.geolocation.getCurrentPosition(function (found) {
        var at = found.coords;
        field.value = [at.latitude.toFixed(3), at.longitude.toFixed(3), Math.ceil(at.accuracy)].join(",");
        field.dispatchEvent(new Event("change", { bubbles: true }));
        told.textContent = "位置加上了。";
      }, function () {
        told.textContent = "没有得到位置，不要紧，直接记就行。";
      }, { timeout: 10000, maximumAge: 60000 });
    });
  });

  /* 打完电话回来: the card asks how it went, so that a call that went well costs three taps */
  var shape = document.getElementById("called");
  var KEY = "called";
  var LONGEST = 3 * 3600 * 1000;
  if (!shape || !window.sessionStorage || !window.crypto) return;
  var said = Date.parse(document.documentElement.getAttribute("data-now")); /* the phone's clock may be wrong */
  var offset = isNaN(said) ? Number(window.localStorage && localStorage.getItem("visitcare-clock")) || 0 : said - Date.now();

  function inShanghai(moment) {
    return new Date(moment + 8 * 3600 * 1000).toISOString();
  }

  function uuid() {
    var bytes = crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] & 15) | 64;
    bytes[8] = (bytes[8] & 63) | 128;
    var hex = Array.prototype.map.call(bytes, function (byte) { return (byte + 256).toString(16).slice(1); });
    return [4, 2, 2, 2, 6].map(function (length) { return hex.splice(0, length).join(""); }).join("-");
  }

  function field(form, name, value) {
    var input = document.createElement("input");
    input.type = "hidden";
    input.name = name;
    input.value = value;
    form.appendChild(input);
  }

  /* What was found last time, to be answered in the same tap or left open */
  function askedOf(form, note) {
    var part = document.importNode(document.getElementById("asked").content, true);
    part.querySelector("legend").textContent = note.textContent.trim();
    all("input", part).forEach(function (radio) { radio.name = "answer_" + note.getAttribute("data-asks"); });
    form.appendChild(part);
    note.hidden = true;
  }

  function ask(call) {
    var card = document.getElementById(call.card);
    var link = card && card.querySelector("a[data-elders]");
    if (!link || card.querySelector("form.called")) return;
    var acts = card.querySelector(".acts");
    var form = document.createElement("form");
    var question = document.createElement("p");
    form.className = "called";
    form.method = "post";
    form.action = acts.querySelector(".btn-main").href;
    question.className = "due";
    question.textContent = inShanghai(call.at).slice(11, 16).replace(/^0/, "") + " 打了电话，怎么样？";
    form.appendChild(question);
    all("[data-asks]", card).forEach(function (note) { askedOf(form, note); });
    form.appendChild(document.importNode(shape.content, true));
    field(form, "visit_id", call.id);
    field(form, "started_at", inShanghai(call.at).slice(0, 16));
    link.getAttribute("data-elders").split(" ").forEach(function (elder) { field(form, "elders", elder); });
    form.addEventListener("submit", function () { sessionStorage.removeItem(KEY); });
    form.querySelector("[type=button]").addEventListener("click", function () {
      sessionStorage.removeItem(KEY);
      card.removeChild(form);
      all("[data-asks]", card).forEach(function (note) { note.hidden = false; });
      acts.hidden = false;
    });
    acts.hidden = true;
    card.appendChild(form);
  }

  document.addEventListener("click", function (event) {
    var link = event.target.closest && event.target.closest("a[data-elders]");
    if (!link) return;
    var call = { card: link.parentNode.parentNode.id, id: uuid(), at: Date.now() + offset };
    sessionStorage.setItem(KEY, JSON.stringify(call));
    setTimeout(function () { ask(call); }, 400); /* after the dialler has been opened */
  });

  function askAgain() {
    try {
      var last = JSON.parse(sessionStorage.getItem(KEY));
      if (last && Date.now() + offset - last.at < LONGEST) ask(last);
    } catch (broken) {
      sessionStorage.removeItem(KEY);
    }
  }
  document.addEventListener("cards", askAgain); /* the pages without a signal draw their cards late */
  askAgain();
})();

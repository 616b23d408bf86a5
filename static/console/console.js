// Small comforts of the offices' admin; every page works without them.
document.addEventListener("DOMContentLoaded", function () {
  "use strict";

  // A list: choosing a filter shows it at once; another town forgets the village.
  document.querySelectorAll("form[data-filters]").forEach(function (form) {
    form.addEventListener("change", function (event) {
      if (event.target.tagName !== "SELECT") return;
      if (event.target.name === "town" && form.elements.village) form.elements.village.value = "";
      form.requestSubmit();
    });
  });

  // Boxes to tick, and how many are ticked.
  document.querySelectorAll("form[data-bulk]").forEach(function (form) {
    var boxes = form.querySelectorAll("input.action-select");
    var all = form.querySelector("#action-toggle");
    var counter = form.querySelector("[data-count]");
    function count() {
      var ticked = form.querySelectorAll("input.action-select:checked").length;
      if (counter) counter.textContent = ticked;
      if (all) all.checked = ticked > 0 && ticked === boxes.length;
    }
    form.addEventListener("change", function (event) {
      if (event.target === all) boxes.forEach(function (box) { box.checked = all.checked; });
      count();
    });
    window.addEventListener("pageshow", count);
  });

  // A question that makes sense only after some answers to another is folded away, unless it says something.
  document.querySelectorAll("[data-when]").forEach(function (field) {
    var form = field.form, part = field.closest(".vc-field");
    function fold() {
      var other = form.elements[field.getAttribute("data-when")], wanted = field.getAttribute("data-is").split(" ");
      var boxes = other.length !== undefined && !other.options ? Array.prototype.slice.call(other) : [other];
      var fits = boxes.some(function (box) {
        return (box.options || box.checked) && wanted.indexOf(box.value) >= 0;
      });
      part.hidden = !fits && !field.value && !part.classList.contains("vc-is-wrong");
    }
    form.addEventListener("change", fold);
    fold();
  });

  // Keys on a page with doors (data-key on the button), unless somebody is typing.
  document.addEventListener("keydown", function (event) {
    if (event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName)) return;
    var door = document.querySelector('[data-doors] [data-key="' + CSS.escape(event.key.toLowerCase()) + '"]');
    if (!door) return;
    event.preventDefault();
    door.click();
    var field = door.closest(".vc-door").querySelector("textarea, input:not([type=hidden]), select");
    if (field) field.focus();
  });
});

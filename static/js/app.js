// Everything this site does in a browser besides htmx. Every page works without it.
(function () {
  "use strict";

  var BUSY_MS = 4000;
  var PAUSE_MS = 1000;
  var sent = new WeakMap();

  document.body.classList.add("js-enabled", "govuk-frontend-supported");

  function byId(id) {
    return document.getElementById(id);
  }

  function isPoll(element) {
    return Boolean(element && element.hasAttribute && element.hasAttribute("data-poll"));
  }

  // Errors: people hear of them first, and each link goes to its field.
  function focusSummary(root) {
    var summary = root.querySelector(".govuk-error-summary");
    if (summary) {
      summary.focus();
    }
  }

  function focusField(event) {
    var link = event.target.closest ? event.target.closest(".govuk-error-summary a") : null;
    var field = link && byId(link.hash.slice(1));
    if (!field) {
      return;
    }
    event.preventDefault();
    var label = field.closest("fieldset") || document.querySelector('label[for="' + CSS.escape(field.id) + '"]') || field;
    label.scrollIntoView();
    field.focus({ preventScroll: true });
  }

  // A double click sends once. The server makes sure of it anyway.
  function sendOnce(event) {
    var form = event.target;
    if (form.method !== "post" || event.defaultPrevented) {
      return;
    }
    if (Date.now() - (sent.get(form) || 0) < BUSY_MS) {
      event.preventDefault();
      return;
    }
    sent.set(form, Date.now());
    setBusy(form, true);
    window.setTimeout(setBusy, BUSY_MS, form, false);
  }

  function setBusy(form, busy) {
    form.querySelectorAll("button").forEach(function (button) {
      if (busy) {
        button.setAttribute("aria-disabled", "true");
      } else {
        button.removeAttribute("aria-disabled");
      }
    });
  }

  // Long answers: the count is seen at once and read out when typing rests.
  function countCharacters(area) {
    var shown = byId(area.id + "-count");
    if (!shown) {
      return;
    }
    var limit = Number(area.dataset.limit);
    var unit = area.dataset.unit || "character";
    var spoken = document.createElement("div");
    var timer = 0;
    spoken.className = "govuk-visually-hidden";
    spoken.setAttribute("role", "status");
    shown.after(spoken);

    function update() {
      var used = unit === "word" ? area.value.split(/\s+/).filter(Boolean).length : Array.from(area.value).length;
      var left = limit - used;
      var number = Math.abs(left).toLocaleString("en-GB");
      var noun = " " + unit + (Math.abs(left) === 1 ? " " : "s ");
      shown.textContent = left < 0 ? number + noun + "too many" : number + noun + "left";
      shown.classList.toggle("govuk-error-message", left < 0);
      shown.classList.toggle("govuk-hint", left >= 0);
      return shown.textContent;
    }

    area.addEventListener("input", function () {
      var words = update();
      window.clearTimeout(timer);
      timer = window.setTimeout(function () {
        spoken.textContent = words;
      }, PAUSE_MS);
    });
    update();
  }

  // htmx: polls rest while nobody looks and fail silently; anything else that fails says so.
  function beforeRequest(event) {
    if (isPoll(event.detail.elt)) {
      if (document.hidden) {
        event.preventDefault();
      }
      return;
    }
    if (event.detail.target) {
      event.detail.target.setAttribute("aria-busy", "true");
    }
    byId("alert").textContent = "";
  }

  function afterRequest(event) {
    if (event.detail.target) {
      event.detail.target.removeAttribute("aria-busy");
    }
  }

  function sayFailed(event) {
    if (!isPoll(event.detail.elt)) {
      byId("alert").textContent = "Something went wrong. Your answers are safe. Try again.";
    }
  }

  function afterSwap() {
    var found = byId("found");
    var live = byId("live");
    if (found && live.textContent !== found.textContent) {
      live.textContent = found.textContent;
    }
  }

  document.addEventListener("click", focusField);
  document.addEventListener("submit", sendOnce);
  document.addEventListener("htmx:beforeRequest", beforeRequest);
  document.addEventListener("htmx:afterRequest", afterRequest);
  document.addEventListener("htmx:afterSwap", afterSwap);
  ["htmx:responseError", "htmx:sendError", "htmx:timeout"].forEach(function (name) {
    document.addEventListener(name, sayFailed);
  });
  // A page brought back by the Back button may send again.
  window.addEventListener("pageshow", function (event) {
    if (event.persisted) {
      sent = new WeakMap();
      document.querySelectorAll("form").forEach(function (form) {
        setBusy(form, false);
      });
    }
  });
  document.querySelectorAll("textarea[data-limit]").forEach(countCharacters);
  focusSummary(document);
})();

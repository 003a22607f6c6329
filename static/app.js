// What pages gain with JavaScript; all work without it. Sentences stand in data attributes.
(() => {
  const one = (selector) => document.querySelector(selector);
  const all = (selector) => document.querySelectorAll(selector);

  function say(words) {
    const line = Object.assign(document.createElement("p"), { className: "notice notice-refused" });
    line.textContent = words;
    one("#notice").replaceChildren(line);
    scrollTo(0, 0);
  }

  function free(form) {
    delete form.dataset.sent;
    for (const el of form.elements) el.removeAttribute("aria-disabled");
  }

  // What a page asks by itself, it asks again when that failed, without a word.
  function asksAgain({ target }) {
    if (!target.matches?.("[data-alone]")) return false;
    setTimeout(() => htmx.trigger(target, "again"), 3000 + 3000 * Math.random());
    return true;
  }

  function ready() {
    all("[data-focus]:not([data-met])").forEach((el) => ((el.dataset.met = ""), el.focus()));
  }

  addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented) return;
    if ("sent" in form.dataset) return event.preventDefault();
    form.dataset.sent = "";
    event.submitter?.setAttribute("aria-disabled", "true");
    setTimeout(free, 5000, form);
  });
  addEventListener("say", ({ detail }) => say(detail));
  addEventListener("pageshow", () => all("[data-sent]").forEach(free));
  addEventListener("htmx:error", (event) => asksAgain(event) || say(document.body.dataset.offline));
  addEventListener("htmx:before:response", (event) => {
    if (event.detail.ctx.response.status > 399 && asksAgain(event)) event.preventDefault();
  });
  addEventListener("htmx:before:request", ({ target, detail: { ctx } }) => {
    const shown = target.id === "fresh" && one("[data-here]");
    if (shown) ctx.request.action = shown.dataset.here;
  });

  // Who stood on something that is gone stays near it.
  let around, near;
  addEventListener("htmx:before:swap", () => {
    const at = document.activeElement;
    const slots = [...all(".slot")];
    const place = slots.indexOf(at);
    around = at?.closest("section");
    near = place < 0 ? [] : [...slots.slice(place), ...slots.slice(0, place).reverse()];
  });
  addEventListener("htmx:after:swap", () => {
    if (around && document.activeElement === document.body) {
      const next = near.find((el) => el.isConnected) ?? around.querySelector("[aria-current]");
      (next ?? around).focus({ preventScroll: true });
    }
    ready();
  });
  ready();

  // Not on Back, or nobody could leave the next page.
  if (performance.getEntriesByType("navigation")[0]?.type !== "back_forward")
    one("form[data-submit-on-load]")?.requestSubmit();
})();

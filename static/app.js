// What pages gain with JavaScript; all work without it. Sentences stand in data attributes.
(() => {
  const one = (selector) => document.querySelector(selector);
  const all = (selector) => document.querySelectorAll(selector);
  const make = (tag, values) => Object.assign(document.createElement(tag), values);
  const fresh = (name, act) =>
    all(`[data-${name}]:not([data-met])`).forEach((el) => ((el.dataset.met = ""), act(el)));

  function say(words) {
    one("#notice").replaceChildren(make("p", { className: "notice notice-refused", textContent: words }));
    scrollTo(0, 0);
  }

  function count(el) {
    const { seconds, left, soon, over } = el.dataset;
    const end = performance.now() + seconds * 1000;
    const [clock, voice] = el.querySelectorAll("[data-clock], [data-say]");
    const tick = () => {
      const s = Math.ceil((end - performance.now()) / 1000);
      if (s < 1) return (clock.textContent = voice.textContent = over);
      if (s < 121) voice.textContent = soon;
      clock.textContent = left.replace("{}", ((s / 60) | 0) + ":" + `${s % 60}`.padStart(2, 0));
      if (el.isConnected) setTimeout(tick, 1000);
    };
    tick();
  }

  function pay(form) {
    const options = { prefill: {}, notes: {}, redirect: false };
    for (const [name, value] of new FormData(form)) {
      const [group, inner] = name.split(/[[\]]/);
      (inner ? options[group] : options)[inner ?? name] = value;
    }
    options.key = options.key_id;
    options.theme = { color: "#0b5d5e" };
    options.modal = { ondismiss: () => say(form.dataset.dismissed) };
    options.handler = (answer) => {
      const back = make("form", { method: "post", action: options.callback_url });
      for (const name in answer) back.append(make("input", { type: "hidden", name, value: answer[name] }));
      document.body.append(back);
      back.submit();
    };
    const gate = new Razorpay(options);
    gate.on("payment.failed", ({ error }) => say(error.description));
    gate.open();
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
    fresh("focus", (el) => el.focus());
    fresh("until", count);
  }

  addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented) return;
    if (window.Razorpay && form.matches("[data-razorpay]")) {
      pay(form);
      return event.preventDefault();
    }
    if ("sent" in form.dataset) return event.preventDefault();
    form.dataset.sent = "";
    event.submitter?.setAttribute("aria-disabled", "true");
    setTimeout(free, 5000, form);
  });
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
  let around;
  addEventListener("htmx:before:swap", () => (around = document.activeElement?.closest("section")));
  addEventListener("htmx:after:swap", () => {
    if (around && document.activeElement === document.body)
      around.querySelector("[aria-current]")?.focus({ preventScroll: true });
    ready();
  });
  ready();

  // Not on Back, or nobody could leave the next page.
  if (performance.getEntriesByType("navigation")[0]?.type !== "back_forward")
    one("form[data-submit-on-load]")?.requestSubmit();
})();

// What paying gains with JavaScript: the minutes left, and the gateway's window in place of its page.
(() => {
  const make = (tag, values) => Object.assign(document.createElement(tag), values);
  const say = (words) => dispatchEvent(new CustomEvent("say", { detail: words }));

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

  document.querySelectorAll("[data-until]").forEach(count);
  // Before app.js, which lets a form be sent once: the window may be closed and opened again.
  addEventListener("submit", (event) => {
    if (!window.Razorpay || !event.target.matches("[data-razorpay]")) return;
    pay(event.target);
    event.preventDefault();
  });
})();

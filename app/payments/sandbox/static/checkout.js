// The twin of Razorpay's checkout.js: new Razorpay(options), .on(event, listener), .open(), .close().
// It works under a policy without inline styles: what it shows is styled through the CSSOM alone.
(() => {
  "use strict";
  const ORIGIN = new URL(document.currentScript.src).origin;

  const style = (element, values) => Object.assign(element.style, values);

  function flatten(prefix, values) {
    return Object.entries(values || {}).map(([name, value]) => [`${prefix}[${name}]`, value]);
  }

  function fieldsOf(options) {
    const { key, order_id, amount, currency, name, description } = options;
    const plain = Object.entries({ key_id: key, order_id, amount, currency, name, description });
    return [...plain, ...flatten("prefill", options.prefill), ...flatten("notes", options.notes)]
      .filter(([, value]) => value !== undefined && value !== null)
      .map(([field, value]) => [field, String(value)]);
  }

  function postForm(action, fields) {
    const form = document.createElement("form");
    form.method = "post";
    form.action = action;
    for (const [name, value] of fields) {
      const input = document.createElement("input");
      input.type = "hidden";
      input.name = name;
      input.value = value;
      form.append(input);
    }
    document.body.append(form);
    form.submit();
  }

  class Razorpay {
    #options;
    #listeners = new Map();
    #overlay = null;
    #frame = null;
    #timer = 0;
    #before = null;

    constructor(options) {
      if (!options || typeof options !== "object") throw new TypeError("Invalid options");
      this.#options = options;
    }

    on(event, listener) {
      this.#listeners.set(event, [...(this.#listeners.get(event) || []), listener]);
      return this;
    }

    // With redirect the payer leaves for the hosted page, and callback_url is called across sites.
    open() {
      if (this.#overlay) return this;
      const { callback_url, redirect } = this.#options;
      if (redirect && callback_url) {
        const ways = [["callback_url", new URL(callback_url, location.href).href], ["cancel_url", location.href]];
        postForm(`${ORIGIN}/v1/checkout/embedded`, [...fieldsOf(this.#options), ...ways]);
      } else {
        this.#show();
      }
      return this;
    }

    close() {
      if (!this.#overlay) return;
      clearTimeout(this.#timer);
      removeEventListener("message", this.#hear);
      removeEventListener("keydown", this.#press);
      this.#overlay.remove();
      this.#overlay = this.#frame = null;
      document.documentElement.style.overflow = this.#before.overflow;
      this.#before.focused?.focus?.();
    }

    #show() {
      const root = document.documentElement;
      this.#before = { focused: document.activeElement, overflow: root.style.overflow };
      root.style.overflow = "hidden";
      this.#overlay = document.createElement("div");
      this.#overlay.setAttribute("role", "dialog");
      this.#overlay.setAttribute("aria-modal", "true");
      this.#overlay.setAttribute("aria-label", "Payment");
      style(this.#overlay, {
        position: "fixed", inset: "0", zIndex: "2147483647", display: "grid", placeItems: "center",
        background: "rgba(10, 20, 26, .65)", margin: "0", padding: "0",
      });
      this.#overlay.addEventListener("click", (event) => {
        if (event.target === this.#overlay && this.#modal.backdropclose) this.#dismiss();
      });
      this.#overlay.append(this.#makeFrame());
      addEventListener("message", this.#hear);
      addEventListener("keydown", this.#press);
      document.body.append(this.#overlay);
      if (this.#options.timeout > 0) {
        this.#timer = setTimeout(() => this.#leave("timeout"), this.#options.timeout * 1000);
      }
    }

    #makeFrame() {
      const query = new URLSearchParams([...fieldsOf(this.#options), ["parent", location.origin]]);
      this.#frame = document.createElement("iframe");
      this.#frame.title = "Pay";
      this.#frame.className = "razorpay-checkout-frame";
      this.#frame.src = `${ORIGIN}/v1/checkout/frame?${query}`;
      style(this.#frame, {
        width: "min(100vw, 26rem)", height: "min(100vh, 40rem)", border: "0", borderRadius: ".75rem",
        background: "Canvas", colorScheme: "normal",
      });
      this.#frame.addEventListener("load", () => this.#frame?.focus());
      return this.#frame;
    }

    get #modal() {
      return this.#options.modal || {};
    }

    #hear = (event) => {
      if (event.origin !== ORIGIN || event.source !== this.#frame?.contentWindow) return;
      const { razorpay: kind, detail } = event.data || {};
      if (kind === "success") this.#succeed(detail);
      else if (kind === "failed") this.#fail(detail);
      else if (kind === "close" || (kind === "escape" && this.#modal.escape !== false)) {
        // The frame must outlive the key or press that closes it, or the browser waits for its end in vain.
        setTimeout(() => this.#dismiss(), 60);
      }
    };

    #press = (event) => {
      if (event.key === "Escape" && this.#modal.escape !== false) this.#dismiss();
    };

    #succeed(response) {
      this.close();
      const { handler, callback_url } = this.#options;
      if (typeof handler === "function") handler(response);
      else if (callback_url) postForm(new URL(callback_url, location.href).href, Object.entries(response));
    }

    #fail(response) {
      for (const listener of this.#listeners.get("payment.failed") || []) listener(response);
      if (this.#options.retry === false || this.#options.retry?.enabled === false) this.#leave("failed");
    }

    #dismiss() {
      if (!this.#overlay) return;
      if (this.#modal.confirm_close && !confirm("Do you want to leave this payment?")) return;
      this.#leave("dismissed");
    }

    #leave(reason) {
      if (!this.#overlay) return;
      this.close();
      this.#modal.ondismiss?.(reason);
    }
  }

  window.Razorpay = Razorpay;
})();

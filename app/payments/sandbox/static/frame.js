// The page in the frame speaks to the shop's page around it, and to no other.
(() => {
  "use strict";
  const { parent: shop, tell, detail } = document.body.dataset;
  if (!shop || window.parent === window) return;
  const say = (kind, content) => window.parent.postMessage({ razorpay: kind, detail: content }, shop);
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-close]")) say("close", null);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") say("escape", null);
  });
  if (tell) say(tell, JSON.parse(detail));
})();

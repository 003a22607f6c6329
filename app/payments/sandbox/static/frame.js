// The page in the frame speaks to the shop's page around it, and to no other. It is loaded before the page's
// buttons are, so that no press is lost.
(() => {
  "use strict";
  const { parent: shop, tell, detail } = document.documentElement.dataset;
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

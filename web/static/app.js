// Everything works without this file. It only starts what the two design systems bring.
import { initAll as initGovuk } from "./vendor/govuk-frontend.min.js";
import { initAll as initMoj } from "./vendor/moj-frontend.min.js";
import "./live.js";
import "./keys.js";

document.body.classList.add("js-enabled", "govuk-frontend-supported");
initGovuk();
initMoj();

// Whoever types is there: a long telephone call must not end the session and lose what was written.
let saidAt = Date.now();
document.addEventListener("input", () => {
  if (Date.now() - saidAt < 120_000) return;
  saidAt = Date.now();
  fetch("/still-here").catch(() => {});
});

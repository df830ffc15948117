// Everything works without this file. It starts what the two design systems bring, and our own.
import { initAll as initGovuk } from "./vendor/govuk-frontend.min.js";
import { initAll as initMoj } from "./vendor/moj-frontend.min.js";
import { watchTheDesk } from "./desk_news.js";
import { lookForEarlierContacts } from "./earlier.js";
import { actInPlace } from "./in_place.js";
import { workFormsByKeyboard } from "./form_keys.js";

document.body.classList.add("js-enabled", "govuk-frontend-supported");
initGovuk();
initMoj();
lookForEarlierContacts();
actInPlace();
workFormsByKeyboard();
watchTheDesk();

// Whoever types is there: a long telephone call must not end the session and lose what was written.
let saidAt = Date.now();
document.addEventListener("input", () => {
  if (Date.now() - saidAt < 120_000) return;
  saidAt = Date.now();
  fetch("/still-here").catch(() => {});
});

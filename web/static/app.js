// Everything works without this file. It starts what the two design systems bring, and what we add.
import { initAll as initGovuk } from "./vendor/govuk-frontend.min.js";
import { initAll as initMoj } from "./vendor/moj-frontend.min.js";
import { keepDrafts } from "./drafts.js";

document.body.classList.add("js-enabled", "govuk-frontend-supported");
initGovuk();
initMoj();
keepDrafts();

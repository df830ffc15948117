// Everything works without this file. It starts what the two design systems bring, and what we add.
import { initAll as initGovuk } from "./vendor/govuk-frontend.min.js";
import { initAll as initMoj } from "./vendor/moj-frontend.min.js";
import { keepDrafts } from "./drafts.js";
import { watchTheDesk } from "./desk_news.js";
import { lookForEarlierContacts } from "./earlier.js";
import { actInPlace } from "./in_place.js";
import { workFormsByKeyboard } from "./form_keys.js";
import { leadToLines } from "./lines.js";
import { refreshItself } from "./live.js";
import { listenToKeys } from "./keys.js";

document.body.classList.add("js-enabled", "govuk-frontend-supported");
leadToLines();
initGovuk();
initMoj();
keepDrafts();
lookForEarlierContacts();
actInPlace();
workFormsByKeyboard();
watchTheDesk();
refreshItself();
listenToKeys();

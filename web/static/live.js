// A page that refreshes itself: fetches its live part, changes only what differs, and leaves the reader's place alone.
// Focus, scroll, open details and everything outside the live part (search, filters) stay as they are.

const EVERY = 20_000, COUNT_DOWN_EVERY = 5_000, PATIENCE = 10_000, HANDS_OFF = 1_500;

export function refreshItself() {
  const live = document.querySelector("[data-live]");
  if (live) start(live);
}

function start(live) {
  const words = JSON.parse(document.querySelector("[data-live-words]").dataset.liveWords);
  const trouble = document.getElementById("live-trouble"), news = document.getElementById("live-news");
  const was = new Map(), plural = new Intl.PluralRules(document.documentElement.lang);
  let ahead = serverAhead(), pointed = 0, timer, old = false;

  remember(live);
  document.documentElement.classList.add("app-still");
  document.addEventListener("pointermove", (event) => { if (event.target.closest?.("[data-lines]")) pointed = Date.now(); });
  document.addEventListener("visibilitychange", () => { if (!document.hidden) refresh(); });
  window.addEventListener("online", refresh);
  setInterval(countDown, COUNT_DOWN_EVERY);
  wait(EVERY);

  function wait(time) {
    clearTimeout(timer);
    timer = setTimeout(refresh, time);
  }

  // Nothing moves under a hand that is about to press something; a hidden page asks for nothing.
  async function refresh() {
    if (document.hidden) return;
    if (Date.now() - pointed < HANDS_OFF) return wait(HANDS_OFF);
    wait(EVERY);
    try {
      const answer = await fetch(live.dataset.live, { signal: AbortSignal.timeout(PATIENCE) });
      if (answer.redirected || answer.status === 401 || answer.status === 403) return location.reload();
      if (!answer.ok) throw new Error(String(answer.status));
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      show(page.querySelector("[data-live]"));
      isNew();
    } catch {
      isOld();
    }
  }

  function isOld() {
    if (old) return;
    old = true;
    live.classList.add("app-live--old");
    trouble.textContent = words.old.replace("{time}", atTime(live.dataset.now));
  }

  function isNew() {
    if (!old) return;
    old = false;
    live.classList.remove("app-live--old");
    trouble.textContent = "";
  }

  function show(fresh) {
    const before = lines(live), place = held();
    const opened = [...live.querySelectorAll("details[id]")].map((one) => [one.id, one.open]);
    for (const line of live.querySelectorAll(".app-line--new")) line.classList.remove("app-line--new");
    for (const id of merge(live, fresh)) document.getElementById(id)?.classList.add("app-line--new");
    for (const name of ["live", "now"]) live.dataset[name] = fresh.dataset[name];
    for (const [id, open] of opened) document.getElementById(id)?.toggleAttribute("open", open);
    ahead = serverAhead();
    keep(place);
    countDown();
    tell(before, lines(live));
  }

  // Children with the same id are the same thing: kept where nothing in them changed, else replaced.
  function merge(here, fresh) {
    const wanted = [...fresh.children], changed = [];
    for (const child of [...here.children]) if (!wanted.some((one) => one.id === child.id)) child.remove();
    let next = here.firstElementChild;
    for (const one of wanted) {
      const own = one.id ? document.getElementById(one.id) : null;
      const text = lasting(one);
      let stays = own;
      if (!own || was.get(one.id) !== text) stays = renewed(here, own, one, next, changed);
      else {
        if (own !== next) here.insertBefore(own, next);
        ageLike(own, one);
      }
      next = stays.nextElementSibling;
      was.set(one.id, text);
    }
    return changed;
  }

  function renewed(here, own, one, next, changed) {
    const ownLines = own?.querySelector("[data-lines]"), newLines = one.querySelector("[data-lines]");
    if (ownLines && newLines) {
      changed.push(...merge(ownLines, newLines));
      if (own !== next) here.insertBefore(own, next);
      return own;
    }
    const copy = document.importNode(one, true);
    if (one.matches("tr")) changed.push(one.id);
    if (own && own === next) own.replaceWith(copy);
    else {
      own?.remove();
      here.insertBefore(copy, next);
    }
    return copy;
  }

  function remember(part) {
    for (const one of part.querySelectorAll(":scope > [id], [data-lines] > [id]")) was.set(one.id, lasting(one));
  }

  // What is said, but for how long ago, which changes by itself, and the token, which is new on each page.
  function lasting(one) {
    return one.outerHTML.replace(/(<time [^>]*>)[^<]*/g, "$1").replace(/(name="csrf_token" value=")[^"]*/g, "$1");
  }

  function ageLike(own, fresh) {
    const times = fresh.querySelectorAll("time");
    own.querySelectorAll("time").forEach((time, at) => { time.textContent = times[at].textContent; });
  }

  // What the reader holds on to: the thing in focus or else the first line in sight, and where on the screen it is.
  function held() {
    const focused = live.contains(document.activeElement) ? document.activeElement : null;
    const inSight = [...live.querySelectorAll("[data-lines] > *")].find((line) => line.getBoundingClientRect().bottom > 0);
    const anchor = focused ?? (scrollY > 0 ? inSight : null);
    const line = focused?.closest("[data-lines] > *");
    const next = [line?.nextElementSibling, line?.previousElementSibling].map((one) => one?.id);
    return { focus: focused?.id, line: line?.id, next, anchor: anchor?.id, top: anchor?.getBoundingClientRect().top };
  }

  function keep({ focus, line, next, anchor, top }) {
    const link = (id) => id && document.getElementById(id)?.querySelector("[data-open]");
    if (focus || line) {
      const there = document.getElementById(focus) ?? link(line) ?? link(next[0]) ?? link(next[1]);
      if (there && there !== document.activeElement) there.focus({ preventScroll: true });
    }
    const now = anchor && document.getElementById(anchor)?.getBoundingClientRect().top;
    if (typeof now === "number") scrollBy(0, now - top);
  }

  function lines(part) {
    const found = [...part.querySelectorAll("[data-lines] > *")];
    return new Map(found.map((line) => [line.id, { late: "late" in line.dataset, keyed: line.dataset.keyed }]));
  }

  function tell(before, after) {
    const come = [...after].filter(([id]) => !before.has(id));
    const isNewContact = ([, line]) => [...before.values()].every((other) => line.keyed > other.keyed);
    const counts = {
      new: come.filter(isNewContact).length,
      more: come.filter((one) => !isNewContact(one)).length,
      late: [...after].filter(([id, line]) => line.late && before.has(id) && !before.get(id).late).length,
      gone: [...before.keys()].filter((id) => !after.has(id)).length,
    };
    const said = Object.entries(counts).filter(([, n]) => n).map(([what, n]) => form(words[what], n).replace("{n}", n));
    if (said.length) news.textContent = said.join(", ");
    const shown = document.getElementById("live-shown");
    if (shown && said.length) shown.textContent = ` ${said.join(", ")}`;
  }

  function countDown() {
    for (const time of live.querySelectorAll("time[data-left]")) {
      const left = Date.parse(time.dateTime) - (Date.now() + ahead), text = span(Math.abs(left));
      time.textContent = (left < 0 ? words.after : words.left).replace("{span}", text);
    }
  }

  function span(milliseconds) {
    let minutes = Math.floor(milliseconds / 60_000);
    const parts = [];
    for (const [at, size] of [1440, 60, 1].entries()) {
      const count = Math.floor(minutes / size);
      minutes -= count * size;
      if (count) parts.push(`${count} ${form(words.units[at], count)}`);
    }
    return parts.slice(0, 2).join(" ") || words.moment;
  }

  function form(forms, count) {
    return forms[plural.select(count)] ?? forms.other;
  }

  function serverAhead() {
    return Date.parse(live.dataset.now) - Date.now();
  }

  function atTime(instant) {
    const there = { hour: "numeric", minute: "2-digit", hour12: true, timeZone: "Europe/London" };
    return new Intl.DateTimeFormat("en-GB", there).format(new Date(instant)).replace(" ", "");
  }
}

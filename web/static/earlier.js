// Earlier contacts of a family, beside the form in which a call is taken. It never takes the focus and moves no field.
const PAUSE = 400;
const ABOUT_PEOPLE = /^(children|adults)-\d+-/;

export function lookForEarlierContacts() {
  const panel = document.querySelector("[data-earlier]");
  const form = document.getElementById("form");
  if (!panel || !form) return;
  let timer, asked;

  form.addEventListener("input", (event) => {
    if (!ABOUT_PEOPLE.test(event.target.name ?? "")) return;
    clearTimeout(timer);
    timer = setTimeout(look, PAUSE);
  });

  async function look() {
    asked?.abort();
    asked = new AbortController();
    const said = new URLSearchParams();
    for (const [name, value] of new FormData(form)) {
      if (name === "csrf_token" || ABOUT_PEOPLE.test(name)) said.append(name, value);
    }
    try {
      const answer = await fetch(panel.dataset.earlier, { method: "POST", body: said, signal: asked.signal });
      if (answer.ok) show(await answer.text());
    } catch {
      // A newer question has taken its place, or the line is down: what was found before stays.
    }
  }

  function show(html) {
    const found = new DOMParser().parseFromString(html, "text/html").body;
    const isSame = panel.textContent.replace(/\s+/g, " ") === found.textContent.replace(/\s+/g, " ");
    if (isSame || panel.contains(document.activeElement)) return;
    const status = panel.querySelector("[role=status]");
    const fresh = found.querySelector("[role=status]");
    if (!status || !fresh) return;
    if (status.textContent.trim() !== fresh.textContent.trim()) status.textContent = fresh.textContent.trim();
    panel.replaceChildren(status, ...[...found.children].filter((child) => child !== fresh));
  }
}

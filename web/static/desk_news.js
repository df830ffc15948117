// The list of a desk that is left open: time left counts down, and what has come in is announced. Nothing moves by itself.
const EVERY = 25_000;

export function watchTheDesk() {
  const frame = document.querySelector("[data-desk-news]");
  if (!frame) return;
  const shown = new Map([...document.querySelectorAll("[data-contact]")].map((line) => [line.dataset.contact, line]));
  setInterval(look, EVERY);
  document.addEventListener("visibilitychange", look);

  async function look() {
    if (document.hidden) return;
    try {
      const answer = await fetch(frame.dataset.deskNews);
      if (answer.ok && !answer.redirected) tell(await answer.json());
    } catch {
      // The line is down: the next look will tell.
    }
  }

  function tell(awaited) {
    const isNew = ([id, { asked }]) => shown.get(id)?.dataset.asked !== asked;
    const fresh = Object.entries(awaited).filter(isNew).length;
    const gone = [...shown.keys()].some((id) => !(id in awaited));
    const words = fresh === 1 ? frame.dataset.one : fresh ? frame.dataset.many.replace("#", fresh) : gone ? frame.dataset.gone : "";
    const notice = frame.querySelector("[data-news]");
    if (words && notice.firstElementChild.textContent !== words) {
      notice.hidden = false;
      notice.firstElementChild.textContent = words;
    }
    for (const [id, line] of shown) if (awaited[id]) count(line, awaited[id]);
  }

  function count(line, { left, late }) {
    const place = line.querySelector("[data-left]");
    if (place && left) place.textContent = left;
    if (!late || line.classList.contains("app-request--late")) return;
    line.classList.add("app-request--late");
    const tag = document.createElement("strong");
    tag.className = "govuk-tag govuk-tag--red";
    tag.textContent = frame.dataset.late;
    line.firstElementChild.prepend(tag);
  }
}

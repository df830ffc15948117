// Keeps what is typed into a form, so that a crash or the end of a session loses seconds and not an afternoon.

const PAUSE = 3_000;
const LONGEST = 8_000;

export function keepDrafts() {
  for (const form of document.querySelectorAll("form[data-draft]")) new Keeper(form);
}

class Keeper {
  constructor(form) {
    this.form = form;
    this.said = form.querySelector("[data-kept]");
    form.addEventListener("input", () => this.changed());
    form.addEventListener("submit", () => this.stop());
    window.addEventListener("pageshow", () => { this.over = false; });
    document.addEventListener("visibilitychange", () => { if (document.hidden && this.since) this.keep(); });
  }

  changed() {
    this.since ||= Date.now();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.keep(), Math.max(0, Math.min(PAUSE, this.since + LONGEST - Date.now())));
  }

  stop() {
    this.over = true;
    clearTimeout(this.timer);
    this.request?.abort();
  }

  async keep() {
    if (this.over || this.busy) return;
    const from = this.since;
    this.since = undefined;
    clearTimeout(this.timer);
    this.busy = true;
    this.request = new AbortController();
    try {
      const body = new URLSearchParams(new FormData(this.form));
      const options = { method: "POST", body, redirect: "error", keepalive: document.hidden, signal: this.request.signal };
      const answer = await fetch("/drafts", options);
      if (!answer.ok) throw new Error(answer.status);
      this.tell("kept", await answer.text());
      this.failing = false;
    } catch (error) {
      if (this.over) return;
      this.since = from;
      this.failing = true;
      this.tell(error.message === "401" ? "signed-out" : "lost");
      this.timer = setTimeout(() => this.keep(), LONGEST);
    } finally {
      this.busy = false;
      if (this.since && !this.over && !this.failing) this.changed();
    }
  }

  // The words are in the page, so that they are translated with it.
  tell(how, at = "") {
    if (!this.said) return;
    const words = this.said.dataset[{ kept: "kept", lost: "lost", "signed-out": "signedOut" }[how]];
    const loud = how !== "kept";
    if (loud) this.said.setAttribute("role", "alert");
    else this.said.removeAttribute("role");
    this.said.classList.toggle("app-kept--lost", loud);
    const text = words.replace("{at}", at);
    if (this.said.textContent !== text) this.said.textContent = text;
  }
}

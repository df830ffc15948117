// The keys of the queue: j k c / ? (Enter is the link's own). They sleep while somebody types, and can be switched off.

export function listenToKeys() {
  const help = document.getElementById("keys");
  if (!help) return;
  help.hidden = false;
  if (help.dataset.keys === "on") listen(help);
}

function listen(help) {
  const dialog = document.getElementById("keys-dialog");
  const acts = { j: () => move(1), k: () => move(-1), c: claim, "/": find, "?": () => dialog.showModal() };
  let current = document.querySelector("[data-last]")?.dataset.last ?? "";

  document.getElementById("keys-show").addEventListener("click", () => dialog.showModal());
  document.addEventListener("focusin", (event) => {
    current = event.target.closest("[data-lines] > *")?.id.replace("line-", "") ?? current;
  });
  document.addEventListener("keydown", (event) => {
    const act = acts[event.key];
    const typing = event.target.closest("input, select, textarea, dialog, [contenteditable]");
    if (!act || typing || event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    event.preventDefault();
    act();
  });

  function move(by) {
    const lines = [...document.querySelectorAll("[data-lines] > *")];
    const at = lines.findIndex((line) => line.id === `line-${current}`);
    const next = lines[at < 0 ? 0 : Math.min(Math.max(at + by, 0), lines.length - 1)];
    next?.querySelector("[data-open]").focus();
    next?.scrollIntoView({ block: "nearest" });
  }

  function claim() {
    const line = document.activeElement.closest("[data-lines] > *");
    if (!line) return;
    const button = document.getElementById(line.id.replace("line-", "claim-"));
    if (button) button.click();
    else document.getElementById("live-news").textContent = help.dataset.cannot;
  }

  function find() {
    document.getElementById("text").focus();
  }
}

// A form that is worked by keyboard: Ctrl+Enter sends it, and in a list of tick boxes a letter goes to the next that begins so.
export function workFormsByKeyboard() {
  for (const form of document.querySelectorAll("form[data-keys]")) {
    form.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
        event.preventDefault();
        form.requestSubmit(form.querySelector("[data-send]"));
      } else if (event.target.type === "checkbox" && /^\p{L}$/u.test(event.key) && !event.ctrlKey && !event.metaKey && !event.altKey) {
        next(event.target, event.key)?.focus();
      }
    });
  }
}

function next(box, letter) {
  const boxes = [...box.form.querySelectorAll(`input[type=checkbox][name="${CSS.escape(box.name)}"]`)];
  const at = boxes.indexOf(box);
  const begins = (one) => one.labels[0]?.textContent.trim().toLowerCase().startsWith(letter.toLowerCase());
  return [...boxes.slice(at + 1), ...boxes.slice(0, at)].find(begins);
}

// From a problem to its line: the line is selected in the box, so that nobody has to count.
export function leadToLines() {
  const box = document.getElementById("text");
  if (!(box instanceof HTMLTextAreaElement)) return;
  for (const link of document.querySelectorAll("a[data-line]")) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      event.stopPropagation();
      select(box, Number(link.dataset.line));
    });
  }
}

function select(box, line) {
  const lines = box.value.split("\n");
  const start = lines.slice(0, line - 1).reduce((sum, text) => sum + text.length + 1, 0);
  box.focus({ preventScroll: true });
  box.setSelectionRange(start, start + (lines[line - 1] ?? "").length);
  box.scrollTop = (box.scrollHeight / lines.length) * Math.max(0, line - 5);
  box.scrollIntoView({ block: "center" });
}

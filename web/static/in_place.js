// Buttons in the lines of a list: the line changes where it stands, and the list does not jump.
export function actInPlace() {
  for (const frame of document.querySelectorAll("[data-in-place]")) {
    frame.addEventListener("submit", async (event) => {
      event.preventDefault();
      const button = event.submitter;
      if (button.getAttribute("aria-disabled") === "true") return;
      button.setAttribute("aria-disabled", "true");
      const line = event.target.closest("li").id;
      try {
        const answer = await fetch(event.target.action, { method: "POST", body: new URLSearchParams(new FormData(event.target)) });
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        const fresh = page.getElementById(frame.dataset.inPlace);
        if (!answer.ok || !fresh) throw new Error("not in place");
        document.getElementById(frame.dataset.inPlace).replaceWith(fresh);
        nextButton(line)?.focus({ preventScroll: true });
      } catch {
        event.target.submit();
      }
    });
  }
}

function nextButton(line) {
  const from = document.getElementById(line);
  const after = [...document.querySelectorAll("[data-in-place] form button")].find(
    (one) => from && from.compareDocumentPosition(one) & Node.DOCUMENT_POSITION_FOLLOWING,
  );
  return after ?? from;
}

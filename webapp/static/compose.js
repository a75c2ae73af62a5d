/* The editor of a message: tokens at the cursor, a preview that follows what is typed. The page works without it. */
(() => {
  const root = document.querySelector("[data-compose]");
  if (!root) return;
  const form = root.querySelector("form");
  const text = form.elements.html;
  const frame = root.querySelector("iframe[name=mail]");
  const refresh = root.querySelector("[data-refresh-preview]");
  const fields = ["html", "subject", "preheader", "text"].map((name) => form.elements[name]).filter(Boolean);
  let field = text;
  let timer = 0;

  /* Replaces the selection as typing would, so that undo works and the field tells of its change. */
  function put(target, words) {
    target.focus();
    const { selectionStart: start, selectionEnd: end } = target;
    target.setRangeText(words, start, end, "end");
    target.dispatchEvent(new Event("input", { bubbles: true }));
  }

  function look(delay) {
    clearTimeout(timer);
    timer = setTimeout(() => {
      htmx.ajax("POST", frame.dataset.check, { source: form, target: "#look", swap: "outerHTML" });
      form.requestSubmit(refresh);
    }, delay);
  }

  function filter() {
    const wanted = root.querySelector("[data-token-search]").value.trim().toLowerCase();
    for (const group of root.querySelectorAll("[data-group]")) {
      let shown = 0;
      for (const button of group.querySelectorAll("[data-token]")) {
        const fits = (button.dataset.token + " " + button.title).toLowerCase().includes(wanted);
        button.parentElement.hidden = !fits;
        shown += fits;
      }
      group.hidden = !shown;
    }
  }

  const wraps = {
    b: (words) => `<b>${words}</b>`,
    i: (words) => `<i>${words}</i>`,
    a: (words) => `<a href="https://">${words || "link"}</a>`,
    ul: (words) => `<ul>\n${(words || "item").split("\n").map((line) => `<li>${line}</li>`).join("\n")}\n</ul>`,
  };

  root.querySelector("[data-toolbar]").hidden = false;
  for (const each of fields) each.addEventListener("focus", () => { field = each; });
  form.addEventListener("input", (event) => { if (!event.target.closest("[data-token-search]")) look(600); });
  form.addEventListener("change", (event) => { if (event.target.matches("#sender, #kind, #offer")) look(100); });
  root.addEventListener("change", (event) => { if (event.target.matches("#as, [name=colours]")) look(0); });
  root.addEventListener("input", (event) => { if (event.target.matches("[data-token-search]")) filter(); });
  document.addEventListener("htmx:afterSettle", filter);
  frame.addEventListener("load", () => refresh.removeAttribute("aria-busy"));

  root.addEventListener("click", (event) => {
    const token = event.target.closest("[data-token]");
    const wrap = event.target.closest("[data-wrap]");
    const replace = event.target.closest("[data-replace]");
    const step = event.target.closest("[data-step]");
    if (token) put(field, token.dataset.token);
    if (wrap) put(text, wraps[wrap.dataset.wrap](text.value.slice(text.selectionStart, text.selectionEnd)));
    if (replace) {
      const name = (source) => source.replace(/^\[=\s*|\s*(\|[^]*)?=\]$/g, "");
      for (const each of fields) {
        each.value = each.value.split(replace.dataset.replace).join(
          replace.dataset.replace.replace(name(replace.dataset.replace), name(replace.dataset.with)));
      }
      look(0);
    }
    if (step) {
      event.preventDefault();
      const choice = document.getElementById("as");
      const next = choice.selectedIndex + Number(step.dataset.step);
      if (next < 0 || next >= choice.options.length) return;
      choice.selectedIndex = next;
      look(0);
    }
  });

  /* Arrow keys walk through the tokens, Enter puts one in (it is a button), Escape goes back to the text. */
  root.addEventListener("keydown", (event) => {
    const inPicker = event.target.closest(".picker");
    if (!inPicker) return;
    if (event.key === "Escape") return field.focus();
    if (event.key === "Enter" && event.target.matches("[data-token-search]")) {
      event.preventDefault();
      return inPicker.querySelector("li:not([hidden]) [data-token]")?.click();
    }
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    const all = [...inPicker.querySelectorAll("section:not([hidden]) li:not([hidden]) [data-token]")];
    const at = all.indexOf(document.activeElement) + (event.key === "ArrowDown" ? 1 : -1);
    event.preventDefault();
    (all[at] || inPicker.querySelector("[data-token-search]")).focus();
  });

  if (frame.dataset.unsaved !== undefined) addEventListener("load", () => look(0));
})();

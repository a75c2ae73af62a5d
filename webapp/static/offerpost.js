/* Everything here is an extra: each page works without it. No inline handlers, no style attributes. */
document.addEventListener("click", async (event) => {
  const copy = event.target.closest("[data-copy]");
  if (!copy) return;
  const source = document.getElementById(copy.dataset.copy);
  await navigator.clipboard.writeText(source.dataset.plain || source.textContent.trim());
  announce(copy, "Copied");
});

function announce(button, words) {
  const label = button.querySelector("span") || button;
  const before = label.textContent;
  label.textContent = words;
  document.getElementById("live").textContent = words;
  setTimeout(() => { label.textContent = before; }, 1600);
}

/* The port suggests the encryption; a person's own choice is never overwritten. */
document.addEventListener("change", (event) => {
  const { target } = event;
  if (/security$/.test(target.name)) target.form.dataset.securityChosen = "1";
  if (!/port$/.test(target.name) || target.form.dataset.securityChosen) return;
  const wanted = { 465: "tls", 587: "starttls", 25: "starttls", 2525: "starttls", 1025: "none" }[target.value];
  const name = target.name.replace(/port$/, "security");
  const radio = wanted && target.form.querySelector(`[name="${name}"][value="${wanted}"]`);
  if (radio) radio.checked = true;
});

/* After a refusal, focus goes to the summary, so that a screen reader says it at once. */
document.querySelector("[data-focus]")?.focus();

/* A second press while the first is under way does nothing; the button says that it works. */
document.addEventListener("submit", (event) => {
  const button = event.submitter;
  if (!button || button.getAttribute("aria-busy")) return button?.getAttribute("aria-busy") && event.preventDefault();
  button.setAttribute("aria-busy", "true");
  addEventListener("pageshow", () => button.removeAttribute("aria-busy"), { once: true });
});
document.addEventListener("htmx:afterRequest", () => {
  document.querySelectorAll("button[aria-busy]").forEach((button) => button.removeAttribute("aria-busy"));
});

/* A hidden tab asks for nothing: refreshing goes on when it is looked at again. */
document.addEventListener("htmx:beforeRequest", (event) => {
  if (document.hidden && event.detail.elt.dataset.refresh !== undefined) event.preventDefault();
});

/* Says where a message stands at each quarter and at the end, not every three seconds. */
(() => {
  let quarter = null;
  function say() {
    const part = document.getElementById("progress");
    if (!part) return;
    const now = Math.floor(Number(part.dataset.percent) / 25);
    if (quarter !== null && now > quarter) document.getElementById("live").textContent = part.dataset.said;
    quarter = now;
  }
  say();
  document.addEventListener("htmx:afterSettle", say);
})();

/* Says where a message stands at each quarter and at the end, not every three seconds; keeps the table in step. */
(() => {
  let quarter = null;
  let moving = false;
  let turn = 0;

  function look() {
    const part = document.getElementById("progress");
    if (!part) return;
    const now = Math.floor(Number(part.dataset.percent) / 25);
    if (quarter !== null && now > quarter) document.getElementById("live").textContent = part.dataset.said;
    quarter = now;
    const ended = moving && !part.hasAttribute("hx-get");
    moving = part.hasAttribute("hx-get");
    turn += 1;
    const table = document.getElementById("recipients");
    if ((ended || (moving && turn % 3 === 0)) && !table.contains(document.activeElement)) {
      htmx.ajax("GET", location.pathname + location.search, { target: table, select: "#recipients", swap: "outerHTML" });
    }
  }

  look();
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.target.id === "progress" || event.detail.elt?.id === "progress") look();
  });
})();

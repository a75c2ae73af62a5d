/* Rich text beside the source. The source is the truth: rich text is offered only while it gives back the same document,
   so a pasted design, a table or a comment can't be mangled, and a look at it changes nothing. */
(() => {
  const root = document.querySelector("[data-compose]");
  const button = root?.querySelector("[data-rich]");
  if (!button || !window.Squire) return;
  const source = root.querySelector("form").elements.html;
  const body = root.querySelector("[data-rich-body]");
  const tags = new Set("P BR B STRONG I EM U A UL OL LI H1 H2 H3 BLOCKQUOTE DIV".split(" "));
  const blocks = "p,ul,ol,li,h1,h2,h3,blockquote,div";
  const parse = (html) => new DOMParser().parseFromString(html, "text/html").body;
  const linked = (url) => /^(https?:|mailto:|\[=)/i.test(url.trim());
  let editor = null;

  /* What may be drawn on this page at all: nothing else ever gets into the document. */
  function simple(element) {
    return tags.has(element.tagName) && [...element.attributes].every(({ name, value }) =>
      name === "class" || (name === "href" && element.tagName === "A" && linked(value)));
  }

  function clean(html) {
    const inert = parse(html);
    inert.querySelectorAll("script,style,template,title").forEach((each) => each.remove());
    for (const element of [...inert.querySelectorAll("*")]) {
      if (!tags.has(element.tagName)) element.replaceWith(...element.childNodes);
      else for (const { name, value } of [...element.attributes]) {
        if (name !== "class" && !(name === "href" && linked(value))) element.removeAttribute(name);
      }
    }
    const fragment = document.createDocumentFragment();
    fragment.append(...[...inert.childNodes].map((node) => document.importNode(node, true)));
    return fragment;
  }

  /* The same document in one spelling: blanks between blocks and line breaks that end a block mean nothing. */
  function canonical(html) {
    const tree = parse(html);
    tree.querySelectorAll("br").forEach((br) => {
      const rest = br.nextSibling;
      if (!rest || (rest.nodeType === 3 && !rest.nextSibling && !rest.data.trim())) br.remove();
    });
    return tree.innerHTML.replace(/\s+/g, " ").replace(/ ?(<\/?(?:p|ul|ol|li|h[1-3]|blockquote|div|br)\b[^>]*>) ?/g, "$1").trim();
  }

  function readable(html) {
    const raw = { "&lt;": "<", "&gt;": ">", "&quot;": '"', "&amp;": "&" };
    return html
      .replace(/\[=[^]*?=\]/g, (token) => token.replace(/&(?:lt|gt|quot|amp);/g, (entity) => raw[entity]))
      .replace(/(\S)&nbsp;(?=\S)/g, "$1 ") // a browser's way of typing a blank; where the source has one, rich text is not offered
      .replace(/<br>\s*/g, "<br>")
      .replace(/<br><\/(p|li|h[1-3]|div|blockquote)>/g, "</$1>")
      .replace(/(<\/(?:p|ul|ol|li|h[1-3]|blockquote|div)>|<(?:ul|ol)[^>]*>|<br>)(?!\n|$)/g, "$1\n");
  }

  function lossless(html) {
    const inert = parse(html);
    if (/<!|<head|<html|<body/i.test(html) || ![...inert.querySelectorAll("*")].every(simple)) return false;
    if (html.trim() && ![...inert.childNodes].every((node) => node.nodeType === 1 ? node.matches(blocks) : !node.data.trim())) return false;
    const probe = document.createElement("div");
    const trial = new Squire(probe, { blockTag: "P", sanitizeToDOMFragment: clean });
    trial.setHTML(html);
    const back = readable(trial.getHTML());
    trial.destroy();
    return canonical(back) === canonical(html);
  }

  function open() {
    editor = new Squire(body, { blockTag: "P", sanitizeToDOMFragment: clean });
    editor.setHTML(source.value);
    editor.addEventListener("input", () => {
      source.value = readable(editor.getHTML());
      source.dispatchEvent(new Event("input", { bubbles: true }));
    });
  }

  function show(rich) {
    button.setAttribute("aria-pressed", String(rich));
    button.textContent = rich ? "HTML source" : "Rich text";
    source.hidden = rich;
    body.hidden = !rich;
    if (rich) { open(); editor.focus(); } else { editor?.destroy(); editor = null; source.focus(); }
  }

  function offer() { if (!editor) button.hidden = !lossless(source.value); }

  const deeds = {
    b: () => editor.hasFormat("B") ? editor.removeBold() : editor.bold(),
    i: () => editor.hasFormat("I") ? editor.removeItalic() : editor.italic(),
    a: () => editor.makeLink("https://"),
    ul: () => editor.hasFormat("UL") ? editor.removeList() : editor.makeUnorderedList(),
  };

  body.setAttribute("aria-label", "Text");
  body.setAttribute("role", "textbox");
  body.setAttribute("aria-multiline", "true");
  button.addEventListener("click", () => show(!editor));
  source.addEventListener("input", offer);
  for (const other of root.querySelectorAll("#subject, #preheader, #text")) {
    other.addEventListener("focus", () => { body.dataset.away = "1"; });
  }
  body.addEventListener("focus", () => { delete body.dataset.away; });
  root.addEventListener("click", (event) => {
    const token = event.target.closest("[data-token]");
    const wrap = event.target.closest("[data-wrap]");
    if (!editor || (!wrap && (!token || body.dataset.away))) return;
    event.stopPropagation();
    if (token) editor.insertPlainText(token.dataset.token, false); else deeds[wrap.dataset.wrap]();
  }, true);
  offer();
})();

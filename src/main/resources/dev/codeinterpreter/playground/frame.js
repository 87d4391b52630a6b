// HTML that a program made, in a frame that runs no script, has no origin, loads nothing and leads nowhere.
import { el } from "./dom.js";

/** Strings become HTML in this file alone: the page's policy names this one maker (Trusted Types). */
const maker = { createHTML: (text) => text };
const html = window.trustedTypes?.createPolicy("playground-frame", maker) ?? maker;

/** Narrower than the page's, which the frame has as well. */
const CONTENT_SECURITY_POLICY = "default-src 'none'; img-src data:; media-src data:; font-src data:; style-src data:";

const BASE_STYLE = `
  :root { color-scheme: light dark; font: 14px/1.5 system-ui, sans-serif; }
  body { margin: 8px; overflow-wrap: anywhere; }
  table { border-collapse: collapse; font-size: 13px; }
  table.dataframe { border: none; }
  th, td { border: none; padding: 4px 10px; text-align: right; overflow-wrap: normal; }
  thead th { border-bottom: 1px solid light-dark(#8c959f, #6e7681); }
  tbody tr:nth-child(even) { background: light-dark(#f6f8fa, #1c2128); }
  img, svg { max-width: 100%; }`;

/** What does nothing in such a frame, or would only be reported as blocked. */
const USELESS = "script, base, meta, link, title, iframe, frame, object, embed, noscript";

/** Of a program's HTML; more is nothing that a person reads. */
const MAX_CHARS = 2_000_000;

/** In place of the attribute style, which browsers refuse and report wherever it is parsed under the page's policy. */
const STYLE = "data-playground-style";

/** A node that shows `source`, HTML of a program. */
export function htmlFrame(source, title) {
  if (source.length > MAX_CHARS) {
    return el("p", { className: "note" }, "This HTML is too large to be shown here.");
  }
  const page = document.createElement("template");
  page.innerHTML = html.createHTML(source.replace(/\bstyle(?=\s*=)/gi, STYLE));
  const hasScripts = page.content.querySelector("script") !== null;
  page.content.querySelectorAll(USELESS).forEach((element) => element.remove());
  restoreWords(page.content);
  const sheets = [BASE_STYLE, ...takeStyles(page.content)];
  const links = sheets.map((sheet) => `<link rel="stylesheet" href="data:text/css;charset=utf-8,${encode(sheet)}">`);
  const frame = el("iframe", { title, className: "html", referrerPolicy: "no-referrer" });
  frame.setAttribute("sandbox", "");
  frame.srcdoc = html.createHTML(
    `<!DOCTYPE html><html lang="und"><head><meta charset="utf-8"><title>${title}</title>` +
      `<meta http-equiv="Content-Security-Policy" content="${CONTENT_SECURITY_POLICY}">${links.join("")}</head>` +
      `<body>${page.innerHTML}</body></html>`,
  );
  frame.dataset.height = height(page.content);
  const parts = el("div", {}, frame);
  if (hasScripts) {
    parts.append(el("p", { className: "note" }, "This result has scripts, which do not run here."));
  }
  return parts;
}

/** The word style, where it was no attribute. */
function restoreWords(content) {
  const nodes = document.createTreeWalker(content, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT);
  while (nodes.nextNode()) {
    const node = nodes.currentNode;
    if (node.nodeType === Node.TEXT_NODE && node.data.includes(STYLE) && node.parentNode.localName !== "style") {
      node.data = node.data.replaceAll(STYLE, "style");
    }
    for (const attribute of node.attributes ?? []) {
      if (attribute.value.includes(STYLE)) {
        attribute.value = attribute.value.replaceAll(STYLE, "style");
      }
    }
  }
}

/** Takes styles out of the content, to be sheets at data: addresses: those are allowed in the frame. */
function takeStyles(content) {
  const sheets = [];
  for (const style of content.querySelectorAll("style")) {
    sheets.push(style.textContent);
    style.remove();
  }
  const rules = [];
  for (const element of content.querySelectorAll(`[${STYLE}]`)) {
    const declarations = element.getAttribute(STYLE);
    element.setAttribute(STYLE, String(rules.length));
    // The second selector matches nothing: it makes the first as specific as an attribute is.
    rules.push(`:is([${STYLE}="${rules.length}"], #_ #_ #_ #_) { ${declarations} }`);
  }
  return rules.length > 0 ? [...sheets, rules.join("\n")] : sheets;
}

/** Lone surrogates would be an error. */
function encode(text) {
  return encodeURIComponent(text.toWellFormed?.() ?? text).replace(/'/g, "%27");
}

/** A step of the style sheet: nobody can measure what is inside. */
function height(content) {
  if (content.querySelector("svg, img")) {
    return "tall";
  }
  const rows = content.querySelectorAll("tr, p, li, br, pre, h1, h2, h3, dt, dd").length;
  return rows <= 3 ? "low" : rows <= 8 ? "middle" : "tall";
}

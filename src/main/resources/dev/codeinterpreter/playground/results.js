// What a program shows, in the richest of its forms that this page can show.
import { el } from "./dom.js";
import { sentence } from "./failure.js";
import { htmlFrame } from "./frame.js";
import { jsonTree } from "./json-tree.js";
import { IMAGES, imageOf, mediaOf } from "./preview.js";

/** Characters of LaTeX and Markdown. */
const MAX_TEXT = 200_000;
/** Characters of an SVG: more takes seconds to draw. */
const MAX_SVG = 5_000_000;

/** A node for an item of `results`, or null where there is nothing more to show: its text is printed, its files are listed. */
export function resultNode(item, api) {
  const parts = forms(item, api);
  if (parts.length === 0) {
    return null;
  }
  const box = el("figure", { className: "result" }, ...parts);
  if (item.truncated) {
    box.append(el("figcaption", { className: "note" }, "A form of this result was too large to be returned."));
  }
  return box;
}

function forms(item, api) {
  const data = item.data ?? {};
  const plain = data["text/plain"] ?? "";
  const files = item.files ?? [];
  const shown = files.filter((file) => IMAGES.has(file.mime_type) || /^(audio|video)\//.test(file.mime_type));
  if (typeof data["text/html"] === "string") {
    return [htmlFrame(data["text/html"], "Result as HTML")];
  }
  if (typeof data["image/svg+xml"] === "string") {
    return [svg(data["image/svg+xml"], plain)];
  }
  if (shown.length > 0) {
    return shown.map((file) => fileNode(file, plain, api));
  }
  const json = Object.keys(data).find((type) => /^application\/(.+\+)?json$/.test(type));
  if (json) {
    return [jsonTree(data[json])];
  }
  for (const type of ["text/latex", "text/markdown"]) {
    if (typeof data[type] === "string") {
      return [el("pre", { className: "form" }, data[type].slice(0, MAX_TEXT))];
    }
  }
  return [];
}

/** As an image: scripts in it do not run, and it loads nothing. */
function svg(source, alternative) {
  if (source.length > MAX_SVG) {
    return el("p", { className: "note" }, "This SVG is too large to be shown here.");
  }
  return imageOf(new Blob([source], { type: "image/svg+xml" }), describe(alternative, "SVG"));
}

function fileNode(file, plain, api) {
  const box = el("div", { className: "loading" }, "Loading…");
  api
    .download(`files/${encodeURIComponent(file.file_id)}`, file.mime_type)
    .then((blob) =>
      IMAGES.has(file.mime_type) ? imageOf(blob, describe(plain, file.path)) : mediaOf(blob, file.path),
    )
    .then((node) => box.replaceWith(node))
    .catch((error) => box.replaceChildren(sentence(error)));
  return box;
}

/** The alternative text: the plain form of the object. */
function describe(plain, name) {
  const text = plain.trim().split("\n")[0].slice(0, 200);
  return text ? `${text} (${name})` : name;
}

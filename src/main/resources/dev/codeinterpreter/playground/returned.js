// The files that a run returns, to look at and to download; and those that it left behind.
import { button, el, nameOf, printable, save } from "./dom.js";
import { sentence } from "./failure.js";
import { preview } from "./preview.js";

/** Files of one list: a run may return a thousand and more. */
const MAX_LISTED = 200;

/**
 * An entry of a list of files.
 *
 * @param address of the file below /v1
 * @param detail such as its size, or ""
 */
export function fileEntry(api, path, address, detail) {
  const place = el("div", { className: "preview" });
  const name = printable(path);
  const view = button("View", () => (place.hasChildNodes() ? close() : attempt(open)), {
    "aria-label": `View ${name}`,
    "aria-expanded": "false",
  });
  const download = button("Download", () => attempt(async () => save(await api.download(address), path.split("/").pop())), {
    "aria-label": `Download ${name}`,
  });
  const entry = el("li", {}, nameOf(path), el("span", { className: "detail" }, detail), view, download, place);

  async function open() {
    place.replaceChildren(await preview(api, address, path));
    view.setAttribute("aria-expanded", "true");
    view.textContent = "Hide";
  }

  function close() {
    place.replaceChildren();
    view.setAttribute("aria-expanded", "false");
    view.textContent = "View";
  }

  async function attempt(action) {
    try {
      await action();
    } catch (error) {
      place.replaceChildren(el("p", { className: "note", role: "alert" }, sentence(error)));
    }
  }

  return entry;
}

export class Returned {
  #section;
  #list;
  #api;

  constructor(section, list, api) {
    this.#section = section;
    this.#list = list;
    this.#api = api;
  }

  clear() {
    this.#list.replaceChildren();
    this.#section.hidden = true;
  }

  /** Of a result. */
  show({ files = [], skipped_files: skipped = [] }) {
    const entries = files
      .slice(0, MAX_LISTED)
      .map((file) => fileEntry(this.#api, file.path, `files/${encodeURIComponent(file.file_id)}`, ""));
    if (files.length > MAX_LISTED) {
      entries.push(el("li", { className: "note" }, `and ${files.length - MAX_LISTED} more`));
    }
    for (const file of skipped.slice(0, MAX_LISTED)) {
      entries.push(el("li", { className: "note" }, nameOf(file.path), ` was not returned: ${reason(file.reason)}`));
    }
    this.#list.replaceChildren(...entries);
    this.#section.hidden = entries.length === 0;
  }
}

function reason(word) {
  return printable(String(word)).replaceAll("_", " ");
}

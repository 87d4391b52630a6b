// Files for the program: chosen, or dropped on the page. In a session that runs they go into it at once.
import { button, bytes, el, nameOf, printable } from "./dom.js";
import { sentence } from "./failure.js";

/** The service's default for one request (MAX_STAGED_FILES). */
const MAX_FILES = 100;

export class Inputs {
  #list;
  #api;
  #announce;
  #session;
  /** By path: {path, file_id, size}. */
  #files = new Map();

  /**
   * @param announce says a sentence
   * @param session where files go while it is chosen and runs
   */
  constructor({ list, chooser, drop, api, announce, session }) {
    this.#list = list;
    this.#api = api;
    this.#announce = announce;
    this.#session = session;
    chooser.addEventListener("change", async () => {
      const files = [...chooser.files];
      chooser.value = "";
      await this.#add(files);
    });
    this.#acceptDrops(drop);
  }

  /** As a request has them. */
  get staged() {
    return [...this.#files.values()].map(({ path, file_id }) => ({ path, file_id }));
  }

  #acceptDrops(overlay) {
    let depth = 0;
    const isFiles = (event) => event.dataTransfer?.types.includes("Files");
    addEventListener("dragenter", (event) => {
      if (isFiles(event)) {
        depth += 1;
        overlay.hidden = false;
      }
    });
    addEventListener("dragleave", (event) => {
      if (isFiles(event)) {
        depth -= 1;
        overlay.hidden = depth > 0 ? overlay.hidden : true;
      }
    });
    // Without these two the browser would leave the page for the file. In the capturing phase, before the editor's own.
    addEventListener("dragover", (event) => isFiles(event) && event.preventDefault(), true);
    addEventListener(
      "drop",
      (event) => {
        if (isFiles(event)) {
          event.preventDefault();
          event.stopPropagation();
          depth = 0;
          overlay.hidden = true;
          this.#add([...event.dataTransfer.files]);
        }
      },
      true,
    );
  }

  async #add(files) {
    const added = [];
    for (const file of files) {
      this.#announce(`Uploading ${printable(file.name)}, ${bytes(file.size)}…`);
      try {
        await this.#addOne(file);
        added.push(printable(file.name));
      } catch (error) {
        this.#announce(`${printable(file.name)} was not added. ${sentence(error)}`);
        return;
      }
    }
    if (added.length > 0) {
      this.#announce(added.length === 1 ? `${added[0]} was added.` : `${added.length} files were added.`);
    }
  }

  async #addOne(file) {
    if (this.#session.isLive) {
      await this.#session.put(file.name, file);
      return;
    }
    if (!this.#files.has(file.name) && this.#files.size >= MAX_FILES) {
      throw new Error(`there are ${MAX_FILES} files, which is the most`);
    }
    const stored = await this.#api.upload(file);
    this.#files.set(file.name, { path: file.name, file_id: stored.file_id, size: stored.size_bytes });
    this.#show();
  }

  #show() {
    this.#list.replaceChildren(
      ...[...this.#files.values()].map((file) =>
        el(
          "li",
          {},
          nameOf(file.path),
          el("span", { className: "detail" }, bytes(file.size)),
          button("Remove", () => this.#remove(file), { "aria-label": `Remove ${printable(file.path)}` }),
        ),
      ),
    );
  }

  async #remove(file) {
    this.#files.delete(file.path);
    this.#show();
    this.#announce(`${printable(file.path)} was removed.`);
    try {
      await this.#api.delete(`files/${encodeURIComponent(file.file_id)}`);
    } catch {
      // It expires by itself.
    }
  }
}

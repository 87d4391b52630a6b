// A session: a sandbox that stays between runs, with its files and the time that it has left.
import { encodePath } from "./api.js";
import { bytes, clock, el } from "./dom.js";
import { isNotFound, sentence } from "./failure.js";
import { fileEntry } from "./returned.js";

/** Seconds. */
const LIFETIME = 900;
const MAX_LISTED = 200;
/** Seconds before its end at which the page announces it. */
const WARNING = 60;
const KEPT = "playground.session";

export class Session {
  #parts;
  #api;
  #announce;
  #chosen = false;
  /** As the service describes it, or null. */
  #state = null;
  #warned = false;

  /** @param parts elements: section, state, extend, end, list */
  constructor(parts, api, announce) {
    this.#parts = parts;
    this.#api = api;
    this.#announce = announce;
    parts.extend.addEventListener("click", () => this.#attempt(() => this.#extend()));
    parts.end.addEventListener("click", () => this.#attempt(() => this.#end()));
    setInterval(() => this.#tick(), 1000);
    this.#show();
  }

  /** Whether runs go to it. */
  set chosen(chosen) {
    this.#chosen = chosen;
    this.#parts.section.hidden = !chosen;
  }

  get isLive() {
    return this.#chosen && this.#state !== null;
  }

  /** Where Python runs in it; starts it with these files when there is none. */
  async address(files) {
    if (!this.#state) {
      this.#take(await this.#api.post("sessions", { ttl_seconds: LIFETIME, files }));
    }
    return `${this.#path()}/python/stream`;
  }

  /** Finds the session of this tab again after the page was loaded anew. */
  async resume() {
    const id = storage()?.getItem(KEPT);
    if (!id || !/^[\w-]{1,100}$/.test(id)) {
      return false;
    }
    try {
      this.#take(await this.#api.get(`sessions/${id}`));
      await this.list();
      return true;
    } catch (error) {
      if (isNotFound(error)) {
        this.lost();
      }
      return false;
    }
  }

  async put(path, content) {
    await this.#api.put(`${this.#path()}/files/${encodePath(path)}`, content);
    await this.list();
  }

  /** Shows its files anew. */
  async list() {
    if (!this.#state) {
      return;
    }
    const { files, has_more: more } = await this.#api.get(`${this.#path()}/files?limit=${MAX_LISTED}`);
    const entries = files.map((file) => {
      const address = `${this.#path()}/files/${encodePath(file.path)}`;
      return fileEntry(this.#api, file.path, address, bytes(file.size_bytes));
    });
    if (more) {
      entries.push(el("li", { className: "note" }, "and more"));
    }
    this.#parts.list.replaceChildren(...entries);
  }

  /** Shows its files anew after a run; one that is gone is forgotten. */
  async refresh() {
    try {
      await this.list();
    } catch (error) {
      if (isNotFound(error)) {
        this.lost();
      }
    }
  }

  /** It is gone. */
  lost() {
    this.#state = null;
    storage()?.removeItem(KEPT);
    this.#parts.list.replaceChildren();
    this.#show();
  }

  #path() {
    return `sessions/${encodeURIComponent(this.#state.session_id)}`;
  }

  #take(state) {
    this.#state = state;
    this.#warned = false;
    try {
      storage()?.setItem(KEPT, state.session_id);
    } catch {
      // It is forgotten when the page is loaded again, then.
    }
    this.#show();
  }

  async #extend() {
    this.#take(await this.#api.post(`${this.#path()}/keepalive`, { ttl_seconds: LIFETIME }));
    this.#announce(`The session has ${clock(this.#left())} left.`);
  }

  async #end() {
    const path = this.#path();
    this.lost();
    await this.#api.delete(path);
    this.#announce("The session has ended.");
  }

  async #attempt(action) {
    try {
      await action();
    } catch (error) {
      if (isNotFound(error)) {
        this.lost();
        this.#announce("The session has ended. The next run starts another.");
      } else {
        this.#announce(sentence(error));
      }
    }
  }

  #left() {
    return this.#state.expires_at - Date.now() / 1000;
  }

  #tick() {
    if (!this.#state) {
      return;
    }
    const left = this.#left();
    if (left <= 0) {
      this.lost();
      this.#announce("The session's time is over. The next run starts another.");
    } else if (left <= WARNING && !this.#warned) {
      this.#warned = true;
      this.#announce("The session ends in a minute.");
    }
    this.#show();
  }

  #show() {
    const { state, extend, end } = this.#parts;
    state.textContent = this.#state ? `${clock(this.#left())} left` : "starts with the next run";
    extend.disabled = end.disabled = !this.#state;
  }
}

function storage() {
  try {
    return sessionStorage;
  } catch {
    return null;
  }
}

// Calls of the public API, nothing else: what this page can do, any client can.
import { readEvents } from "./events.js";
import { ConnectionError, serviceError } from "./failure.js";

/** Relative to the page, so that the service may stand behind a proxy's path. */
const BASE = new URL("v1/", document.baseURI);

export class Api {
  #key;

  /** @param key an object with `value`, the key or "", and `ask()`, which resolves to whether there is a new one */
  constructor(key) {
    this.#key = key;
  }

  /** The answer to a request, with its body unread. A missing key is asked for once: nothing was done without it. */
  async #send(method, path, options = {}) {
    const response = await this.#once(method, path, options);
    if (response.status !== 401) {
      return this.#checked(response);
    }
    const error = await serviceError(response);
    if (!(await this.#key.ask())) {
      throw error;
    }
    return this.#checked(await this.#once(method, path, options));
  }

  async #once(method, path, { body, type, signal }) {
    const headers = new Headers();
    if (type) {
      headers.set("Content-Type", type);
    }
    if (this.#key.value) {
      headers.set("Authorization", `Bearer ${this.#key.value}`);
    }
    try {
      return await fetch(new URL(path, BASE), {
        method,
        headers,
        body,
        signal,
        cache: "no-store",
        credentials: "same-origin",
        redirect: "error",
      });
    } catch (error) {
      throw error.name === "AbortError" ? error : new ConnectionError(false);
    }
  }

  async #checked(response) {
    if (!response.ok) {
      throw await serviceError(response);
    }
    return response;
  }

  /** The events of a run, in order; aborting `signal` ends the run. */
  async *stream(path, request, signal) {
    const response = await this.#send("POST", path, { body: JSON.stringify(request), type: "application/json", signal });
    yield* readEvents(response.body);
  }

  async get(path) {
    return (await this.#send("GET", path)).json();
  }

  async post(path, request) {
    return (await this.#send("POST", path, { body: JSON.stringify(request), type: "application/json" })).json();
  }

  async put(path, content) {
    await this.#send("POST", path, { body: content, type: "application/octet-stream" });
  }

  async delete(path) {
    await this.#send("DELETE", path);
  }

  /** Stores a file. */
  async upload(file) {
    const form = new FormData();
    form.append("file", file, file.name);
    return (await this.#send("POST", "files", { body: form })).json();
  }

  /** A file's bytes as a blob of this type; the type that the service names is always the same one. */
  async download(path, type = "application/octet-stream") {
    const response = await this.#send("GET", path);
    try {
      return new Blob([await response.arrayBuffer()], { type });
    } catch {
      throw new ConnectionError(false);
    }
  }

  /** The first `limit` bytes of a file, and whether there are more. */
  async beginning(path, limit) {
    const reader = (await this.#send("GET", path)).body.getReader();
    const pieces = [];
    let size = 0;
    while (size <= limit) {
      const { done, value } = await reader.read().catch(() => {
        throw new ConnectionError(false);
      });
      if (done) {
        return { content: new Blob(pieces), more: false };
      }
      pieces.push(value);
      size += value.length;
    }
    await reader.cancel();
    return { content: new Blob(pieces).slice(0, limit), more: true };
  }
}

/** Each part of a path percent-encoded, the slashes kept. */
export function encodePath(path) {
  return path.split("/").map(encodeURIComponent).join("/");
}

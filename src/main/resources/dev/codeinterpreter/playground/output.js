// What a run writes and shows, in the order in which it arrives.
import { button, el, save } from "./dom.js";

/** Of each stream: about 3,000 lines, which a phone still scrolls. The rest can be saved. */
const MAX_SHOWN = 200_000;
/** Characters kept to be saved: ten times the service's default limit for both streams. */
const MAX_KEPT = 20_000_000;
/** Pieces of output and results. A program that alternates between the streams makes a piece of each write. */
const MAX_BLOCKS = 2_000;

function endsLine(block) {
  return block.lastElementChild.lastChild.data.endsWith("\n");
}

export class Output {
  #root;
  #shown;
  #pending;
  #kept;
  #keptSize;
  #blocks;
  #cut;
  #frame = 0;

  constructor(root) {
    this.#root = root;
    this.clear();
  }

  clear() {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    this.#root.replaceChildren();
    this.#shown = { stdout: 0, stderr: 0 };
    this.#pending = [];
    this.#kept = [];
    this.#keptSize = 0;
    this.#blocks = 0;
    this.#cut = false;
  }

  /** Text of "stdout" or "stderr"; drawn with the next frame, together with whatever else arrives until then. */
  text(stream, data) {
    if (this.#keptSize < MAX_KEPT) {
      this.#kept.push(data);
      this.#keptSize += data.length;
    }
    const room = this.#blocks < MAX_BLOCKS ? MAX_SHOWN - this.#shown[stream] : 0;
    const part = data.length > room ? data.slice(0, room) : data;
    this.#cut ||= part.length < data.length;
    if (part) {
      this.#shown[stream] += part.length;
      this.#pending.push({ stream, part });
      this.#frame ||= requestAnimationFrame(() => this.flush());
    }
  }

  /** A result, behind the text that arrived before it. */
  show(node) {
    this.flush();
    if (this.#blocks < MAX_BLOCKS) {
      this.#keepEnd(() => this.#append(node));
    }
  }

  /** Draws what is waiting: frames stop while the page is hidden. */
  flush() {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    this.#keepEnd(() => this.#writePending());
  }

  /** @param truncated whether the service has cut the output, too */
  end(truncated) {
    this.flush();
    if (this.#cut) {
      const note = el("p", { className: "note" }, "More was printed than is shown here. ");
      note.append(button("Save what was printed", () => save(this.#all(), "output.txt")));
      this.#root.append(note);
    }
    if (truncated?.stdout || truncated?.stderr) {
      this.#root.append(el("p", { className: "note" }, "The program printed more than the service returns."));
    }
  }

  /** The beginning of the output, for the live region. */
  get beginning() {
    const first = this.#root.querySelector("pre")?.textContent.slice(0, 200).trim() ?? "";
    return first.split("\n").slice(0, 3).join(" ");
  }

  get isEmpty() {
    return this.#blocks === 0;
  }

  #all() {
    return new Blob(this.#kept, { type: "text/plain" });
  }

  #writePending() {
    let parts = [];
    for (let i = 0; i < this.#pending.length; i++) {
      parts.push(this.#pending[i].part);
      if (this.#pending[i + 1]?.stream !== this.#pending[i].stream) {
        this.#write(this.#pending[i].stream, parts.join(""));
        parts = [];
      }
    }
    this.#pending = [];
  }

  #write(stream, text) {
    const last = this.#root.lastElementChild;
    if (last?.dataset.stream === stream) {
      last.lastElementChild.append(text);
      return;
    }
    // print() writes a line and then its end: one that is behind a line of the other stream ends the line that it belongs to.
    const before = last?.previousElementSibling;
    if (text.startsWith("\n") && last?.dataset.stream && before?.dataset.stream === stream && !endsLine(before)) {
      before.lastElementChild.append("\n");
      text = text.slice(1);
      if (!text) {
        return;
      }
    }
    const block = el("div", { className: `text ${stream}` });
    block.dataset.stream = stream;
    // Not by its colour alone.
    if (stream === "stderr") {
      block.append(el("span", { className: "tag" }, "stderr"));
    }
    block.append(el("pre", {}, text));
    this.#append(block);
  }

  #append(node) {
    this.#blocks += 1;
    this.#root.append(node);
  }

  /** The end stays in view if it was. Measured once for all that is added: each measurement has the browser lay out the page. */
  #keepEnd(add) {
    const follows = this.#root.scrollHeight - this.#root.scrollTop - this.#root.clientHeight < 40;
    add();
    if (follows) {
      this.#root.scrollTop = this.#root.scrollHeight;
    }
  }
}

// A run: from the button to the result.
import { bytes, duration, el } from "./dom.js";
import { ConnectionError, isNotFound, RunError, sentence } from "./failure.js";
import { forgetMedia } from "./preview.js";
import { resultNode } from "./results.js";

/** Results of one run that are shown: MAX_RESULTS of the service is 100. */
const MAX_RESULTS = 200;

export class Runner {
  #parts;
  #controller = null;

  /** @param parts api, editor, output, returned, inputs, session, announce; elements run, stop, timeout, stdin, usage, elapsed */
  constructor(parts) {
    this.#parts = parts;
    parts.run.addEventListener("click", () => this.run());
    parts.stop.addEventListener("click", () => this.#controller?.abort());
  }

  /** Runs the program, unless one is running. */
  async run() {
    if (this.#controller) {
      return;
    }
    const { announce, output, returned, run, stop, usage, session } = this.#parts;
    this.#controller = new AbortController();
    const fromButton = document.activeElement === run;
    stop.disabled = false;
    if (fromButton) {
      stop.focus(); // a button that is disabled loses the focus to nowhere
    }
    run.disabled = true;
    if (matchMedia("(max-width: 820px)").matches) {
      usage.closest("section").scrollIntoView(); // below the program there
    }
    output.clear();
    returned.clear();
    forgetMedia();
    usage.hidden = true;
    announce("Running…");
    const begun = performance.now();
    const ticker = setInterval(() => this.#tick(begun), 100);
    try {
      await this.#follow(this.#controller.signal, begun);
    } catch (error) {
      this.#fail(error);
    } finally {
      clearInterval(ticker);
      this.#controller = null;
      run.disabled = false;
      if (document.activeElement === stop) {
        run.focus();
      }
      stop.disabled = true;
      session.refresh();
    }
  }

  async #follow(signal, begun) {
    const { api, output, session, inputs, once } = this.#parts;
    const request = this.#request();
    let path = "execute/stream";
    if (once()) {
      request.files = inputs.staged;
    } else {
      path = await session.address(inputs.staged);
    }
    let results = 0;
    for await (const { name, data } of api.stream(path, request, signal)) {
      if (name === "output") {
        output.text(data.stream === "stderr" ? "stderr" : "stdout", String(data.data));
      } else if (name === "display" && results < MAX_RESULTS) {
        results += 1;
        const node = resultNode(data, api);
        node && output.show(node);
      } else if (name === "error") {
        throw new RunError(data.message);
      } else if (name === "result") {
        this.#finish(data, performance.now() - begun);
        return;
      }
    }
    throw new ConnectionError(true);
  }

  #request() {
    const { editor, stdin, timeout } = this.#parts;
    const seconds = Number(timeout.value);
    const request = { code: editor.text, timeout_ms: Math.round(seconds > 0 ? seconds * 1000 : 10_000) };
    if (stdin.value) {
      request.stdin = stdin.value;
    }
    return request;
  }

  #finish(result, elapsed) {
    const { output, returned, announce, usage } = this.#parts;
    output.end(result.truncated);
    returned.show(result);
    const end = ending(result);
    const files = result.files?.length ? ` ${result.files.length === 1 ? "1 file" : `${result.files.length} files`} returned.` : "";
    const lost = result.state_lost ? " The session's variables are lost." : "";
    const said = output.beginning;
    announce(`${end}${lost}${files}`, said ? ` It printed: ${said}` : output.isEmpty ? " It printed nothing." : "");
    const facts = [
      ["Exit code", result.exit_code ?? "none"],
      ["Program", duration(result.duration_ms)],
      ["Round trip", duration(elapsed)],
    ];
    if (result.usage) {
      facts.push(["Processor", duration(result.usage.cpu_ms)], ["Peak memory", bytes(result.usage.peak_memory_bytes)]);
    }
    usage.replaceChildren(...facts.map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, String(value)))));
    usage.hidden = false;
    this.#parts.elapsed.textContent = "";
  }

  #fail(error) {
    const { output, announce, session } = this.#parts;
    output.end();
    this.#parts.elapsed.textContent = "";
    if (error.name === "AbortError") {
      announce("Stopped.");
    } else if (isNotFound(error) && session.isLive) {
      session.lost();
      announce("The session has ended, and its files with it. Run again to start another.");
    } else {
      announce(sentence(error));
    }
  }

  #tick(begun) {
    this.#parts.elapsed.textContent = duration(performance.now() - begun);
  }
}

function ending(result) {
  switch (result.termination) {
    case "timeout":
      return "The time limit was reached.";
    case "oom":
      return "The program exceeded its memory limit.";
    case "cpu":
      return "The program exceeded its limit of processor time.";
    case "signaled":
      return `A signal ended the program (${result.exit_code}).`;
    default:
      return result.exit_code === 0 ? "Finished." : `Finished with exit code ${result.exit_code}.`;
  }
}

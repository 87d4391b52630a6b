// Puts the page together. Each module does one thing; this one knows them all.
import { Api } from "./api.js";
import { byId } from "./dom.js";
import { Editor } from "./editor.js";
import { EXAMPLES } from "./examples.js";
import { Inputs } from "./inputs.js";
import { Key } from "./key.js";
import { Output } from "./output.js";
import { Returned } from "./returned.js";
import { Runner } from "./run.js";
import { Session } from "./session.js";
import { setUpTheme } from "./theme.js";

setUpTheme(byId("theme"));

const key = new Key({
  dialog: byId("key-dialog"),
  form: byId("key-form"),
  input: byId("key"),
  reason: byId("key-reason"),
  button: byId("key-button"),
  forget: byId("key-forget"),
  cancel: byId("key-cancel"),
});
const api = new Api(key);

/** Writes a sentence where all see it and screen readers read it; the second part is for those alone. */
function announce(sentence, aloud = "") {
  const unseen = document.createElement("span");
  unseen.className = "unseen";
  unseen.textContent = aloud;
  byId("status").replaceChildren(sentence, unseen);
}

const session = new Session(
  {
    section: byId("session"),
    state: byId("session-state"),
    extend: byId("session-extend"),
    end: byId("session-end"),
    list: byId("session-files"),
  },
  api,
  announce,
);
const inputs = new Inputs({
  list: byId("input-list"),
  chooser: byId("choose"),
  drop: byId("drop"),
  api,
  announce,
  session,
});

const editor = new Editor(byId("editor"), EXAMPLES[0].code, () => runner.run());
const runner = new Runner({
  api,
  editor,
  inputs,
  session,
  announce,
  output: new Output(byId("output")),
  returned: new Returned(byId("returned"), byId("returned-list"), api),
  once: () => mode() === "once",
  run: byId("run"),
  stop: byId("stop"),
  timeout: byId("timeout"),
  stdin: byId("stdin"),
  usage: byId("usage"),
  elapsed: byId("elapsed"),
});

function mode() {
  return byId("mode").querySelector(":checked").value;
}

function choose(value) {
  byId("mode").querySelector(`[value="${value}"]`).checked = true;
  session.chosen = value === "session";
}

byId("mode").addEventListener("change", () => choose(mode()));
addEventListener("keydown", (event) => {
  // The editor has handled its own.
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !event.defaultPrevented && !byId("key-dialog").open) {
    event.preventDefault();
    runner.run();
  }
});

const examples = byId("examples");
EXAMPLES.forEach((example, index) => examples.append(new Option(example.name, String(index))));
examples.addEventListener("change", () => {
  const example = EXAMPLES[examples.value];
  if (!example) {
    return;
  }
  editor.text = example.code;
  byId("stdin").value = example.stdin ?? "";
  byId("stdin-details").open = Boolean(example.stdin);
  choose(example.mode ?? "once");
  announce(`The example “${example.name}” is in the editor.`);
});

session.resume().then((found) => found && choose("session"));
document.documentElement.dataset.ready = "true";

// The key of the service, where it asks for one. In sessionStorage: for this tab, until it is closed.
const KEY = "playground.key";
const EXPLANATION = "Where the service asks for a key it is kept for this tab alone, until the tab is closed.";

export class Key {
  #dialog;
  #input;
  #reason;
  #button;
  #value;
  /** The question that is open, for all requests that wait for its answer. */
  #asked = null;

  constructor({ dialog, form, input, reason, button, forget, cancel }) {
    this.#dialog = dialog;
    this.#input = input;
    this.#reason = reason;
    this.#button = button;
    this.#value = stored();
    button.addEventListener("click", () => this.#open(EXPLANATION));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#use(input.value.trim());
      dialog.close("used");
    });
    forget.addEventListener("click", () => {
      this.#use("");
      dialog.close("");
    });
    cancel.addEventListener("click", () => dialog.close(""));
    this.#show();
  }

  /** The key, or "". */
  get value() {
    return this.#value;
  }

  /** Asks for a key; resolves to whether one was entered. */
  ask() {
    this.#asked ??= new Promise((resolve) => {
      this.#open(
        this.#value ? "The service does not accept this key. Enter another." : "The service asks for a key. It is kept for this tab alone.",
      );
      this.#dialog.addEventListener(
        "close",
        () => {
          this.#asked = null;
          resolve(this.#dialog.returnValue === "used" && this.#value !== "");
        },
        { once: true },
      );
    });
    return this.#asked;
  }

  #open(reason) {
    this.#reason.textContent = reason;
    this.#input.value = "";
    this.#dialog.returnValue = "";
    this.#dialog.showModal();
  }

  #use(value) {
    this.#value = value;
    this.#show();
    try {
      if (value) {
        sessionStorage.setItem(KEY, value);
      } else {
        sessionStorage.removeItem(KEY);
      }
    } catch {
      // It holds until the page is loaded again, then.
    }
  }

  #show() {
    this.#button.textContent = this.#value ? "Key ✓" : "Key";
    this.#button.setAttribute("aria-label", this.#value ? "Key, one is set" : "Key, none is set");
  }
}

function stored() {
  try {
    return sessionStorage.getItem(KEY) ?? "";
  } catch {
    return "";
  }
}

// Elements are made with this alone: text stays text, and no HTML is parsed.

/** An element with these properties (names with a dash or "role" are attributes) and children, texts among them. */
export function el(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.includes("-") || name === "role") {
      element.setAttribute(name, value);
    } else {
      element[name] = value;
    }
  }
  element.append(...children);
  return element;
}

export function byId(id) {
  return document.getElementById(id);
}

export function button(text, act, properties = {}) {
  const made = el("button", { type: "button", ...properties }, text);
  made.addEventListener("click", act);
  return made;
}

/** A name that somebody else chose: marks that turn the direction of writing end with it. */
export function nameOf(path) {
  return el("bdi", { className: "name" }, printable(path));
}

/** Control characters, and those that hide or turn text, as their code. */
export function printable(text) {
  return text.replace(
    /[\p{Cc}\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/gu,
    (char) => `\\u${char.codePointAt(0).toString(16).padStart(4, "0")}`,
  );
}

export function bytes(count) {
  if (count < 1024) {
    return `${count} B`;
  }
  const units = ["KB", "MB", "GB"];
  let value = count;
  let unit = -1;
  do {
    value /= 1024;
    unit += 1;
  } while (value >= 1024 && unit < units.length - 1);
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}

export function duration(milliseconds) {
  return milliseconds < 1000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1000).toFixed(1)} s`;
}

/** Minutes and seconds, as a clock has them. */
export function clock(seconds) {
  const whole = Math.max(0, Math.ceil(seconds));
  const hours = Math.floor(whole / 3600);
  const rest = `${String(Math.floor(whole / 60) % 60).padStart(2, "0")}:${String(whole % 60).padStart(2, "0")}`;
  return hours > 0 ? `${hours}:${rest}` : rest;
}

/** Has the browser save these bytes. */
export function save(blob, name) {
  const address = URL.createObjectURL(blob);
  el("a", { href: address, download: name }).click();
  // The browser has begun to read it by then; a minute is more than any of them takes.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

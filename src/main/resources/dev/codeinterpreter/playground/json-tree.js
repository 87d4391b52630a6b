// A JSON value as a tree that opens by the branch.
import { el } from "./dom.js";

/** Members of one object or array that are shown. */
const MAX_MEMBERS = 500;
const MAX_TEXT = 10_000;
/** Members up to which a branch is open from the beginning, and how deep. */
const SMALL = 10;
const SHALLOW = 2;

export function jsonTree(value) {
  return el("div", { className: "json" }, node(null, value, 0));
}

function node(name, value, depth) {
  const label = name === null ? [] : [el("span", { className: "json-name" }, name), ": "];
  if (value === null || typeof value !== "object") {
    return el("div", { className: "json-leaf" }, ...label, leaf(value));
  }
  return branch(label, value, depth);
}

function branch(label, value, depth) {
  const members = Array.isArray(value) ? value.length : Object.keys(value).length;
  const size = Array.isArray(value) ? `[${members}]` : `{${members}}`;
  const details = el("details", {}, el("summary", {}, ...label, size));
  // Children are made when they are wanted: a value may have a million.
  details.addEventListener("toggle", () => details.open && fill(details, value, members, depth));
  if (depth === 0 || (depth < SHALLOW && members <= SMALL)) {
    fill(details, value, members, depth);
    details.open = true;
  }
  return details;
}

function fill(details, value, members, depth) {
  if (details.childElementCount > 1) {
    return;
  }
  let count = 0;
  for (const name in value) {
    if (count === MAX_MEMBERS) {
      details.append(el("p", { className: "note" }, `${members - count} more`));
      break;
    }
    details.append(node(name, value[name], depth + 1));
    count += 1;
  }
}

function leaf(value) {
  const text = JSON.stringify(value);
  const kind = value === null ? "null" : typeof value;
  return el("span", { className: `json-${kind}` }, text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text);
}

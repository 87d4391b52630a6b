// Files to look at: images, sound and films by the browser, everything else as text or in a frame.
import { bytes, el, printable } from "./dom.js";
import { htmlFrame } from "./frame.js";

/** What browsers show as an image without running anything in it. */
export const IMAGES = new Set(["image/png", "image/jpeg", "image/gif", "image/webp", "image/svg+xml"]);

const BY_ENDING = new Map([
  ["png", "image/png"],
  ["jpg", "image/jpeg"],
  ["jpeg", "image/jpeg"],
  ["gif", "image/gif"],
  ["webp", "image/webp"],
  ["svg", "image/svg+xml"],
  ["mp3", "audio/mpeg"],
  ["wav", "audio/wav"],
  ["ogg", "audio/ogg"],
  ["mp4", "video/mp4"],
  ["webm", "video/webm"],
]);

/** Object URLs of sound and films. */
const played = [];

/** Bytes of a text that are shown. */
const MAX_TEXT = 100_000;
const MAX_HTML = 1_000_000;

/** An image of this blob; its memory is freed once the browser has drawn it. */
export function imageOf(blob, alternative) {
  const image = el("img", { alt: printable(alternative), className: "picture" });
  const address = URL.createObjectURL(blob);
  image.addEventListener("load", () => URL.revokeObjectURL(address));
  image.addEventListener("error", () => {
    URL.revokeObjectURL(address);
    image.replaceWith(el("p", { className: "note" }, `${printable(alternative)} is not an image that can be shown.`));
  });
  image.src = address;
  return image;
}

/** Sound or a film; its memory is freed by the next run. */
export function mediaOf(blob, name) {
  const address = URL.createObjectURL(blob);
  played.push(address);
  return el(blob.type.startsWith("audio/") ? "audio" : "video", {
    controls: true,
    src: address,
    "aria-label": printable(name),
  });
}

export function forgetMedia() {
  played.splice(0).forEach((address) => URL.revokeObjectURL(address));
}

/** A node that shows the file at `address` of the API. */
export async function preview(api, address, path) {
  const ending = path.split(".").pop().toLowerCase();
  const type = BY_ENDING.get(ending);
  if (IMAGES.has(type)) {
    return imageOf(await api.download(address, type), path);
  }
  if (type) {
    return mediaOf(await api.download(address, type), path);
  }
  const html = ending === "html" || ending === "htm";
  const { content, more } = await api.beginning(address, html ? MAX_HTML : MAX_TEXT);
  const text = await content.text();
  if (html && !more) {
    return htmlFrame(text, "File as HTML");
  }
  return textNode(text, content.size, more);
}

function textNode(text, size, more) {
  if (text.slice(0, 1000).includes("\0")) {
    return el("p", { className: "note" }, "This file is not text. Download it to open it.");
  }
  const node = el("div", {}, el("pre", { className: "form", tabIndex: 0, role: "region", "aria-label": "Text of the file" }, text.slice(0, MAX_TEXT)));
  if (more) {
    node.append(el("p", { className: "note" }, `The first ${bytes(size)}.`));
  }
  return node;
}

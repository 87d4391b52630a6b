// Server-sent events out of the body of a POST, which EventSource cannot send.
import { ConnectionError } from "./failure.js";

/** Characters of one event: twice the 64 MiB that MAX_RESULT_BYTES may allow would be more than a page can show. */
const MAX_EVENT = 80_000_000;

/** Yields `{name, data}` of each event, `data` as the JSON value that it is. */
export async function* readEvents(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let pieces = [];
  let size = 0;
  try {
    while (true) {
      const { done, value } = await read(reader);
      if (done) {
        return;
      }
      let begin = 0;
      // An event's last line break may be the end of one piece, and the empty line the beginning of the next.
      const split = value.startsWith("\n") && pieces.at(-1)?.endsWith("\n");
      for (let end = split ? 0 : value.indexOf("\n\n"); end >= 0; end = value.indexOf("\n\n", begin)) {
        pieces.push(value.slice(begin, end));
        const event = parse(pieces.join(""));
        pieces = [];
        size = 0;
        begin = end + (split && end === 0 ? 1 : 2);
        if (event) {
          yield event;
        }
      }
      pieces.push(value.slice(begin));
      size += value.length - begin;
      if (size > MAX_EVENT) {
        throw new Error(`an event of the service is longer than ${MAX_EVENT} characters`);
      }
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}

async function read(reader) {
  try {
    return await reader.read();
  } catch (error) {
    throw error.name === "AbortError" ? error : new ConnectionError(true);
  }
}

/** Null for comments. */
function parse(text) {
  let name = "message";
  const data = [];
  for (const line of text.split("\n")) {
    const colon = line.indexOf(":");
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "event") {
      name = value;
    } else if (field === "data") {
      data.push(value);
    }
  }
  return data.length === 0 ? null : { name, data: JSON.parse(data.join("\n")) };
}

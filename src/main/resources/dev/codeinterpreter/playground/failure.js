// What went wrong, as a sentence for people.

/** An answer of the service that is an error. */
export class ServiceError extends Error {
  constructor(status, code, detail, retryAfter) {
    super(detail);
    this.status = status;
    this.code = code;
    this.retryAfter = retryAfter;
  }
}

/** Whether it says that what was asked for is not there, or not any more. */
export function isNotFound(error) {
  return error instanceof ServiceError && error.status === 404;
}

/** The service did not answer, or stopped in the middle of an answer. */
export class ConnectionError extends Error {
  constructor(begun) {
    super("connection");
    this.begun = begun;
  }
}

/** The event `error` of a stream. */
export class RunError extends Error {}

export function sentence(error) {
  if (error instanceof ServiceError) {
    return serviceSentence(error);
  }
  if (error instanceof ConnectionError) {
    return error.begun
      ? "The connection to the service ended before the result arrived. The program may have run in part."
      : "The service cannot be reached. Check the connection, then try again.";
  }
  if (error instanceof RunError) {
    return `The run failed: ${full(error.message)}`;
  }
  return `This page has failed: ${full(String(error?.message ?? error))}`;
}

function serviceSentence(error) {
  const again = error.retryAfter > 0 ? ` Try again in ${seconds(error.retryAfter)}.` : " Try again later.";
  switch (error.status) {
    case 401:
      return "The service asks for a key. Enter one with the button Key.";
    case 403:
      return `The service does not allow this: ${full(error.message)}`;
    case 413:
      return `That is too large: ${full(error.message)}`;
    case 429:
      return `The service is busy: ${full(error.message)}${again}`;
    case 503:
      return `No sandbox is available: ${full(error.message)}${again}`;
    case 507:
      return `The service has no room left for files: ${full(error.message)}`;
    default:
      return error.status >= 500
        ? `The service has failed (${error.status}): ${full(error.message)}`
        : `The service refused this: ${full(error.message)}`;
  }
}

function seconds(count) {
  return count === 1 ? "1 second" : `${count} seconds`;
}

function full(text) {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

/** Reads an error's body, which another server in between may have written. */
export async function serviceError(response) {
  let detail = "";
  let code = "";
  try {
    const body = JSON.parse((await response.text()).slice(0, 100_000));
    code = typeof body.code === "string" ? body.code : "";
    detail = Array.isArray(body.detail) ? body.detail.map(violation).join("; ") : String(body.detail ?? "");
  } catch {
    // Not JSON: the status says what there is to say.
  }
  const retryAfter = Number(response.headers.get("Retry-After")) || 0;
  const fallback = response.statusText ? `status ${response.status}, ${response.statusText}` : `status ${response.status}`;
  return new ServiceError(response.status, code, detail.slice(0, 1000) || fallback, retryAfter);
}

function violation(entry) {
  const where = Array.isArray(entry?.loc) ? entry.loc.slice(1).join(".") : "";
  return where ? `${where}: ${entry.msg}` : String(entry?.msg ?? "");
}

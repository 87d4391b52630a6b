// Stands between the conformance suite and the service: the suite calls tools and reads resources of its own example server, and
// here those names become calls of our tools. What the service answers is passed on as it is.
//   node aliases.mjs PORT URL
import http from "node:http";

const [port, url] = process.argv.slice(2);
const dot = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
const tools = {
  test_simple_text: ["list_files", {}],
  test_image_content: ["run_python", { code: `import base64; open("dot.png", "wb").write(base64.b64decode("${dot}"))` }],
  test_error_handling: ["run_python", {}],
  test_tool_with_progress: [
    "run_python",
    { code: "import time\nfor i in range(4): print(i, flush=True); time.sleep(0.5)" },
  ],
  test_streaming_elicitation: ["list_files", {}],
  test_logging_tool: ["list_files", {}],
};

async function call(name, args) {
  const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params: { name, arguments: args } });
  const signal = AbortSignal.timeout(30_000);
  const answer = await fetch(url, { method: "POST", headers: { "Content-Type": "application/json" }, body, signal });
  const { result } = await answer.json();
  if (!result || result.isError) throw new Error(`${name}: ${JSON.stringify(result)}`);
  return result.structuredContent;
}

const session = (await call("create_session", {})).session_id;
const resources = {
  "test://static-text": (await call("upload_file", { filename: "a.txt", content: "text" })).uri,
  "test://static-binary": (await call("upload_file", { filename: "a.png", content_base64: dot })).uri,
  "test://template/123/data": (await call("write_file", { session_id: session, path: "123/data", content: "of 123" })).uri,
};

/** Replaces names in a message; gives what they were and became. */
function rename(message) {
  const params = message?.params;
  if (message?.method === "tools/call" && Object.hasOwn(tools, params?.name)) {
    const before = params.name;
    [params.name, params.arguments] = tools[before];
    return [before, params.name];
  }
  if (message?.method === "resources/read" && Object.hasOwn(resources, params?.uri)) {
    const before = params.uri;
    params.uri = resources[before];
    return [before, params.uri];
  }
  return [];
}

const server = http.createServer(async (request, response) => {
  const pieces = [];
  for await (const piece of request) pieces.push(piece);
  let body = Buffer.concat(pieces);
  const headers = { ...request.headers };
  try {
    const message = JSON.parse(body.toString());
    const [before, after] = rename(message);
    if (after) {
      body = Buffer.from(JSON.stringify(message));
      headers["content-length"] = body.length;
      if (headers["mcp-name"] === before) headers["mcp-name"] = after;
    }
  } catch {
    // Not JSON: the service says so.
  }
  const onward = http.request(url, { method: request.method, headers }, (answer) => {
    response.writeHead(answer.statusCode, answer.headers);
    answer.pipe(response);
  });
  onward.on("error", () => response.destroy());
  response.on("close", () => onward.destroy());
  onward.end(body);
});

process.on("SIGTERM", async () => {
  await call("end_session", { session_id: session });
  process.exit();
});
server.listen(Number(port), "127.0.0.1", () => console.log("ready"));

// Talks to the service at URL with both client libraries and in every era that they know: node clients.mjs URL
import assert from "node:assert/strict";
import { Client as Client2, StreamableHTTPClientTransport as Transport2 } from "@modelcontextprotocol/client";
import { Client as Client1 } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport as Transport1 } from "@modelcontextprotocol/sdk/client/streamableHttp.js";

const url = new URL(process.argv[2]);
const identity = { name: "clients", version: "1" };
const slow = "import time\nfor i in range(3):\n  print(i, flush=True); time.sleep(0.6)";

async function converse(name, client, transport, call) {
  await client.connect(transport);
  const { tools } = await client.listTools();
  assert.equal(tools.length, 9);
  const session = await call("create_session", {});
  const id = session.structuredContent.session_id;
  await call("run_python", { session_id: id, code: "x = 6" });
  const answer = JSON.parse((await call("run_python", { session_id: id, code: "x * 7" })).content[0].text);
  assert.equal(answer.stdout, "42\n");
  const plot = await call("run_python", {
    session_id: id,
    code: "import matplotlib.pyplot as plt; plt.plot([1, 2]); plt.savefig('fig.png')",
  });
  assert.equal(plot.content[1].type, "image");
  const { contents } = await client.readResource({ uri: plot.content[2].uri });
  assert.ok(contents[0].blob.startsWith("iVBOR"));
  const heard = [];
  await call("run_python", { code: slow }, { onprogress: (progress) => heard.push(progress.message) });
  assert.ok(heard.length >= 2, `progress: ${heard}`);
  const wrong = await call("run_python", { cod: "" });
  assert.equal(wrong.isError, true);
  const control = new AbortController();
  setTimeout(() => control.abort(), 500);
  await assert.rejects(call("run_python", { code: "import time; time.sleep(30)" }, { signal: control.signal }));
  assert.equal((await call("end_session", { session_id: id })).structuredContent.ended, true);
  await client.close();
  console.log(`${name}: ok`);
}

const first = new Client1(identity);
await converse("1.32.2", first, new Transport1(url), (name, args, options) =>
  first.callTool({ name, arguments: args }, undefined, options),
);
for (const mode of ["legacy", "auto", { pin: "2026-07-28" }]) {
  const second = new Client2(identity, { versionNegotiation: { mode } });
  await converse(`2.4.0 ${JSON.stringify(mode)}`, second, new Transport2(url), (name, args, options) =>
    second.callTool({ name, arguments: args }, options),
  );
}

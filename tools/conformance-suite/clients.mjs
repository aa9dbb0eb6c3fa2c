// List and call every tool with the official TypeScript clients: the old SDK, and the new one in both eras.
// Standard input is JSON: the address, a key if one is wanted, what to call each tool with, and which of them have to refuse.
// Writes a JSON line a client.

import { readFileSync } from 'node:fs';
import { Client as Old } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as OldTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { Client as New, StreamableHTTPClientTransport as NewTransport } from '@modelcontextprotocol/client';

const { url, key, arguments: taken, refused } = JSON.parse(readFileSync(0, 'utf8'));
const me = { name: 'tillhand-conformance', version: '1' };
const options = key ? { requestInit: { headers: { Authorization: `Bearer ${key}` } } } : {};
const clients = [
  ['sdk 1', new Old(me), OldTransport],
  ['client 2, legacy', new New(me, { versionNegotiation: { mode: 'legacy' } }), NewTransport],
  ['client 2, 2026-07-28', new New(me, { versionNegotiation: { mode: { pin: '2026-07-28' } } }), NewTransport],
];

async function listed(client) {
  const tools = [];
  let cursor;
  do {
    const page = await client.listTools(cursor === undefined ? undefined : { cursor });
    tools.push(...page.tools.map((tool) => tool.name));
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return tools.sort();
}

async function called(client, name) {
  const result = await client.callTool({ name, arguments: taken[name] });
  if (!result.content?.length) throw new Error('no content');
  if (Boolean(result.isError) !== refused.includes(name)) throw new Error(result.content[0].text);
}

for (const [name, client, Transport] of clients) {
  const started = Date.now();
  const passed = [];
  const failed = [];
  const note = (what, doing) => doing.then(() => passed.push(what), (error) => failed.push(`${what}: ${error.message}`));
  await note('tools/list', (async () => {
    await client.connect(new Transport(new URL(url), options));
    const found = await listed(client);
    const wanted = Object.keys(taken).sort();
    if (String(found) !== String(wanted)) throw new Error(`${found} instead of ${wanted}`);
  })());
  if (!failed.length) for (const tool of Object.keys(taken)) await note(tool, called(client, tool));
  await client.close().catch(() => {});
  console.log(JSON.stringify({ name, passed, failed, seconds: (Date.now() - started) / 1000 }));
}
process.exit(0);

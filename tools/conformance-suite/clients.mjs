// List and call every tool with the official TypeScript clients: the old SDK, and the new one in both eras.
// usage: clients.mjs URL ARGUMENTS, where ARGUMENTS is JSON: what to call each tool with. Writes one JSON line a client.

import { Client as Old } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as OldTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { Client as New, StreamableHTTPClientTransport as NewTransport } from '@modelcontextprotocol/client';

const [url, given] = process.argv.slice(2);
const taken = JSON.parse(given);
const me = { name: 'tillhand-conformance', version: '1' };
const clients = [
  ['sdk 1', new Old(me), OldTransport],
  ['client 2, legacy', new New(me, { versionNegotiation: { mode: 'legacy' } }), NewTransport],
  ['client 2, 2026-07-28', new New(me, { versionNegotiation: { mode: { pin: '2026-07-28' } } }), NewTransport],
];

for (const [name, client, Transport] of clients) {
  const failed = [];
  const tools = [];
  try {
    await client.connect(new Transport(new URL(url)));
    let cursor;
    do {
      const page = await client.listTools(cursor === undefined ? undefined : { cursor });
      tools.push(...page.tools.map((tool) => tool.name));
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    for (const tool of tools) {
      try {
        const result = await client.callTool({ name: tool, arguments: taken[tool] ?? {} });
        if (!result.content?.length) failed.push(`${tool}: no content`);
      } catch (error) {
        failed.push(`${tool}: ${error.message}`);
      }
    }
    await client.close();
  } catch (error) {
    failed.push(error.message);
  }
  console.log(JSON.stringify({ name, tools, failed }));
}
process.exit(0);

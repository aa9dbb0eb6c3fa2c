// Follows the live feed of the approvals from a page of another origin, or from Node: every record once, in order.
//
//   TILLHAND_ALLOWED_ORIGINS=https://ops.example.com make up
//
// `EventSource` cannot send a key, so the stream is read with `fetch`. What was missed while the connection was away
// comes first, by `Last-Event-ID`. Never give a browser a key that may decide to anyone who should not.

export async function* follow(url, key, { after = null, types = [], signal } = {}) {
  let last = after;
  for (let wait = 250; ; wait = Math.min(wait * 2, 5000)) {
    try {
      for await (const event of once(url, key, last, types, signal)) {
        wait = 250;
        if (event.id !== null) last = event.id;
        if (event.name !== "heartbeat" && event.name !== "farewell") yield event;
      }
    } catch (error) {
      if (signal?.aborted || error instanceof Refused) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, wait * Math.random()));
  }
}

export class Refused extends Error {}

async function* once(url, key, last, types, signal) {
  const asked = new URL("/v1/events", url);
  for (const type of types) asked.searchParams.append("type", type);
  const headers = { authorization: `Bearer ${key}`, accept: "text/event-stream" };
  if (last !== null) headers["last-event-id"] = String(last);
  const answer = await fetch(asked, { headers, signal });
  if (answer.status >= 400 && answer.status < 500 && answer.status !== 429) throw new Refused((await answer.json()).detail);
  if (!answer.ok) throw new Error(`status ${answer.status}`);
  let text = "";
  for await (const piece of pieces(answer.body.pipeThrough(new TextDecoderStream()))) {
    const frames = (text + piece).split("\n\n");
    text = frames.pop();
    for (const frame of frames) {
      const event = { id: null, name: "message", data: null };
      for (const line of frame.split("\n")) {
        const [, field, value] = /^([^:]*): ?(.*)$/s.exec(line) ?? [];
        if (field === "id") event.id = Number(value);
        if (field === "event") event.name = value;
        if (field === "data") event.data = JSON.parse(value);
      }
      if (event.data !== null) yield event;
    }
  }
}

async function* pieces(stream) {
  const reader = stream.getReader();
  try {
    for (let next; !(next = await reader.read()).done; ) yield next.value;
  } finally {
    await reader.cancel();
  }
}

// node feed.mjs http://127.0.0.1:8003 KEY [after]
if (globalThis.process?.argv[1]?.endsWith("feed.mjs")) {
  const [url, key, after] = process.argv.slice(2);
  for await (const event of follow(url, key, { after: after === undefined ? null : Number(after) })) {
    console.log(event.id, event.name, event.data.subject ?? "");
  }
}

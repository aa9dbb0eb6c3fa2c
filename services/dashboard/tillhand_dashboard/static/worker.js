// One connection to /events for all tabs of a browser. A tab that opens later is told the state at once.
(() => {
  'use strict';
  const ports = new Set();
  let source = null;
  let state = 'lost';
  let timer = 0;
  const SILENCE_MS = 40000; // heartbeats come every 15 s: without two of them the connection is dead, whatever it says
  const OPENING_MS = 5000; // where packets vanish an attempt would last for minutes
  const tell = (message) => { for (const port of ports) port.postMessage(message); };
  const enter = (next) => {
    if (next === state) return;
    state = next;
    tell({ kind: 'state', state });
  };
  let last = '';
  const heard = (event) => {
    clearTimeout(timer);
    timer = setTimeout(restart, SILENCE_MS);
    if (event && event.lastEventId) last = event.lastEventId;
  };
  const pass = (kind) => (event) => {
    heard(event);
    tell({ kind, detail: { id: event.lastEventId, ...JSON.parse(event.data) } });
  };
  function open() {
    clearTimeout(timer);
    timer = setTimeout(restart, OPENING_MS);
    source = new EventSource(last ? `/events?after=${last}` : '/events'); // of its own it knows no number yet
    source.onopen = () => heard(null);
    source.onerror = () => {
      if (source.readyState === EventSource.CLOSED) again();
      else enter('lost');
    };
    source.addEventListener('state', (event) => { heard(event); enter(JSON.parse(event.data).live ? 'live' : 'lost'); });
    source.addEventListener('heartbeat', heard);
    source.addEventListener('position', heard);
    source.addEventListener('record', pass('record'));
    source.addEventListener('reset', pass('reset'));
    source.addEventListener('signed-out', () => { close(); enter('out'); });
  }
  function close() {
    clearTimeout(timer);
    if (source) source.close();
    source = null;
  }
  // An answer that is no stream ends an EventSource for good: the session is over, or the console is just starting.
  async function again() {
    close();
    enter('lost');
    const asking = new AbortController();
    const answer = await fetch('/events', { headers: { accept: 'application/json' }, signal: asking.signal }).catch(() => null);
    asking.abort();
    if (answer && answer.status === 401) enter('out');
    else setTimeout(restart, 1000);
  }
  function restart() {
    close();
    enter('lost');
    open();
  }
  // A network that was away leaves a connection behind on which nothing comes any more. Every tab tells: once is enough.
  let mended = 0;
  const online = (port) => {
    if (source && Date.now() - mended > 1000) {
      mended = Date.now();
      restart();
    } else port?.postMessage({ kind: 'state', state });
  };
  self.addEventListener('online', () => online(null));
  const join = (port) => {
    ports.add(port);
    port.postMessage({ kind: 'state', state });
    if (!source && state !== 'out') open();
    else if (state === 'out') restart(); // whoever opens a page has signed in again
  };
  if (self.tillhandPort) join(self.tillhandPort);
  else self.onconnect = ({ ports: [port] }) => {
    const said = { gone: () => ports.delete(port), back: () => join(port), online: () => online(port) };
    port.onmessage = ({ data }) => said[data]();
    join(port);
  };
})();

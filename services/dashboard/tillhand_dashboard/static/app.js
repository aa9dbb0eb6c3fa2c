// What pages do beyond HTML. Every page works without it; htmx may be missing, too.
(() => {
  'use strict';
  const page = document.documentElement.dataset;
  // The one policy through which strings reach the page (require-trusted-types-for). HTML comes from our own origin and is
  // inert, for nothing runs without this page's nonce; scripts never come this way, and of workers there is one.
  const rules = {
    createHTML: (html) => html,
    createScript: () => { throw new TypeError('no script comes as a string'); },
    createScriptURL: (url) => {
      if (url !== page.worker) throw new TypeError('no other worker');
      return url;
    },
  };
  const policy = window.trustedTypes ? window.trustedTypes.createPolicy('htmx', rules) : rules;
  if (window.htmx) window.htmx.registerExtension('policy', { init: (api) => api.initSecurity(policy) });

  // --- live: one connection for all tabs, told as events of the body: live-record, live-reset, live-state ---
  const shown = document.getElementById('live');
  const words = { live: 'Live', lost: 'Reconnecting', offline: 'Offline', out: 'Signed out' };
  let state = '';
  let wasLive = false;
  const say = (name, detail) => document.body.dispatchEvent(new CustomEvent(name, { detail }));
  const enter = (next) => {
    if (next === state) return;
    state = next;
    if (shown) {
      shown.dataset.state = next === 'lost' && !wasLive ? '' : next;
      shown.textContent = next === 'lost' && !wasLive ? 'Not live' : words[next]; // a page that opens does not jump
    }
    for (const name of ['offline', 'out']) {
      const notice = document.getElementById(`notice-${name}`);
      if (notice) notice.hidden = next !== name;
    }
    say('live-state', { state: next });
    if (next === 'live' && wasLive) say('live-again', {});
    wasLive ||= next === 'live';
  };
  const hear = ({ data }) => {
    if (data.kind === 'state') enter(navigator.onLine || data.state === 'live' ? data.state : 'offline');
    else say(`live-${data.kind}`, data.detail);
  };
  if (shown && page.worker) {
    let tell = () => {};
    if (window.SharedWorker) {
      const worker = new SharedWorker(policy.createScriptURL(page.worker));
      worker.port.onmessage = hear;
      tell = (what) => worker.port.postMessage(what);
      window.addEventListener('pagehide', () => tell('gone'));
      window.addEventListener('pageshow', (event) => { if (event.persisted) tell('back'); });
    } else {
      // The same script in the page itself: it looks for a port, and finds this one.
      window.tillhandPort = { postMessage: (data) => hear({ data }) };
      const script = document.createElement('script');
      script.src = policy.createScriptURL(page.worker);
      document.head.append(script);
    }
    window.addEventListener('offline', () => enter('offline'));
    window.addEventListener('online', () => {
      if (state === 'offline') enter('lost');
      tell('online');
    });
  }

  // --- times go on while a page stays open ---
  const steps = [[60, 'second'], [60, 'minute'], [24, 'hour'], [30.44, 'day'], [12, 'month'], [Infinity, 'year']];
  const told = (seconds) => {
    let left = Math.abs(seconds);
    if (left < 5) return 'just now';
    for (const [size, name] of steps) {
      if (left < size) {
        const count = Math.floor(left);
        const spoken = `${count} ${name}${count === 1 ? '' : 's'}`;
        return seconds > 0 ? `in ${spoken}` : `${spoken} ago`;
      }
      left /= size;
    }
    return '';
  };
  setInterval(() => {
    for (const time of document.querySelectorAll('time[data-relative]')) {
      const text = told((Date.parse(time.dateTime) - Date.now()) / 1000);
      if (time.textContent !== text) time.textContent = text;
    }
  }, 5000);

  // --- dialogs, toasts, hints of the keyboard ---
  document.addEventListener('click', (event) => {
    const opener = event.target.closest('[data-dialog]');
    if (opener) {
      const dialog = document.getElementById(opener.dataset.dialog);
      if (dialog) {
        event.preventDefault();
        dialog.showModal();
      }
      return;
    }
    const closer = event.target.closest('[data-close]');
    if (!closer) return;
    event.preventDefault();
    const dialog = closer.closest('dialog');
    if (dialog) dialog.close();
    else closer.closest('.toast')?.remove();
  });
  const toasts = document.getElementById('toasts');
  window.tillhand = {
    toast(text, kind = '') {
      const toast = document.createElement('div');
      toast.className = `toast ${kind}`;
      toast.append(Object.assign(document.createElement('p'), { textContent: text }));
      toasts.append(toast);
      setTimeout(() => toast.remove(), 8000);
    },
    get state() { return state; },
  };
})();

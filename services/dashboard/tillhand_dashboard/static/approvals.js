// The approvals' keys, decisions that show at once and can be undone, and a list that changes without losing one's place.
(() => {
  'use strict';
  const list = () => document.getElementById('inbox');
  const standing = () => document.getElementById('standing');
  const rows = () => [...document.querySelectorAll('.proposal')];
  const typing = (event) => event.target.closest('input:not([type=checkbox]), textarea, select, dialog[open]');
  const token = () => document.querySelector('input[name=csrf]').value;
  const about = (row) => row.querySelector('.what').textContent.trim().replace(/\s+/g, ' ');
  const say = (text, kind) => window.tillhand.toast(text, kind);
  const chosen = new Set();
  const leaving = new Set();
  let current = null; // the id of the row that has the attention, and its place, for when it leaves
  let place = 0;
  let last = null; // the decision that `u` takes back

  // --- one row has the attention; when it leaves, the one in its place gets it ---
  const attend = (row, focus = true) => {
    for (const each of rows()) each.classList.toggle('current', each === row);
    if (!row) return;
    current = row.dataset.id;
    place = rows().indexOf(row);
    if (focus) row.querySelector('.what').focus({ preventScroll: true });
    if (focus) row.scrollIntoView({ block: 'nearest' });
  };
  const attended = () => document.getElementById(`p-${current}`);
  const step = (by) => {
    const all = rows();
    const at = all.indexOf(attended());
    attend(all[at < 0 ? 0 : Math.min(all.length - 1, Math.max(0, at + by))]);
  };
  const drop = (row, focused) => {
    row.remove();
    const all = rows();
    if (all.length) attend(all[Math.min(place, all.length - 1)], focused);
    else if (focused) document.getElementById('main').focus();
  };
  document.addEventListener('focusin', (event) => {
    const row = event.target.closest('.proposal');
    if (row) attend(row, false);
  });

  // --- the list and the standing of a proposal follow what happens, one request at a time ---
  let asking = false;
  let again = false;
  let held = false; // whether a row had the focus when the list was about to be changed
  const refresh = () => {
    const part = list() || standing();
    if (!part || !window.htmx) return;
    again = asking;
    if (asking) return;
    asking = true;
    window.htmx.trigger(part, 'inbox-refresh');
  };
  const settled = () => {
    for (const row of rows()) {
      if (leaving.has(`${row.dataset.id} ${row.dataset.revision}`)) row.remove();
      const box = row.querySelector('input[type=checkbox]');
      if (box) box.checked = chosen.has(row.dataset.id);
    }
    const all = rows();
    const kept = attended();
    if (kept) attend(kept, held && document.activeElement === document.body);
    else if (all.length && current) attend(all[Math.min(place, all.length - 1)], held);
    else if (held && !all.length) document.getElementById('main').focus();
    count();
    const now = standing();
    const acts = document.getElementById('acts');
    if (now && acts) {
      const gone = now.dataset.state !== 'pending';
      if (gone && acts.contains(document.activeElement)) document.getElementById('main').focus();
      acts.hidden = gone;
      const form = acts.querySelector('[data-decide]');
      if (!gone && form.dataset.digest !== now.dataset.digest) {
        form.dataset.digest = now.dataset.digest;
        say('The arguments were changed while you looked. Load the page again before you decide.', 'bad');
      }
    }
  };
  document.addEventListener('htmx:before:swap', () => {
    held = Boolean(document.activeElement?.closest('.proposal'));
  });
  document.addEventListener('htmx:after:swap', () => asking && settled()); // before the change is painted
  document.addEventListener('htmx:finally:request', () => {
    if (!asking) return;
    asking = false;
    if (again) refresh();
  });
  const verbs = { approve: 'approved', reject: 'rejected', edit: 'edited and approved', revise: 'asked to revise', escalate: 'escalated' };
  document.body.addEventListener('live-record', ({ detail }) => {
    const { type, record } = detail || {};
    const row = type === 'decision.made' && document.getElementById(`p-${record.subject}`);
    if (!row) return; // one's own decision has taken the row away already
    const who = (record.actor?.id || 'Somebody').replace(/^person:/, '');
    say(`${who} ${verbs[record.data?.decision] || 'decided'}: ${about(row)}`);
  });
  for (const name of ['live-record', 'live-reset', 'live-again']) document.body.addEventListener(name, refresh);

  const count = () => {
    const told = document.getElementById('chosen-count');
    if (told) told.textContent = chosen.size ? `${chosen.size} chosen:` : 'Of those chosen:';
  };
  document.addEventListener('change', (event) => {
    if (event.target.name !== 'chosen') return;
    const { id } = event.target.closest('.proposal').dataset;
    if (event.target.checked) chosen.add(id);
    else chosen.delete(id);
    count();
  });

  // --- decisions: the row leaves at once, and comes back where the service says no ---
  const send = async (id, fields) => {
    const body = new URLSearchParams({ csrf: token(), key: crypto.randomUUID?.() || `${Date.now()}-${Math.random()}`, ...fields });
    const headers = { accept: 'application/json' };
    const answer = await fetch(`/approvals/${id}/decision`, { method: 'POST', body, headers });
    return answer.ok ? { ok: true } : { ok: false, ...(await answer.json()) };
  };
  const did = { approve: 'Approved', reject: 'Rejected' };
  const decide = async (row, verb, note = '') => {
    const { id, digest, revision } = row.dataset;
    const mark = `${id} ${revision}`;
    if (leaving.has(mark)) return;
    leaving.add(mark);
    chosen.delete(id);
    const what = about(row);
    drop(row, true);
    last = { id, what, done: send(id, { verb, digest, note }) };
    const mine = last;
    try {
      const answer = await mine.done;
      if (answer.ok) say(`${did[verb]}: ${what}. Press u to undo.`);
      else {
        leaving.delete(mark);
        say(`${what}: ${answer.detail || answer.title}`, answer.meanwhile ? '' : 'bad');
      }
    } catch {
      leaving.delete(mark);
      say(`${what}: no answer came. It is not known whether this was decided; the list will say.`, 'bad');
    }
    refresh();
  };
  const undo = async () => {
    const form = document.querySelector('[data-undo]:not([hidden])');
    if (form) return form.requestSubmit();
    if (!last) return say('There is nothing to undo.');
    const mine = last;
    last = null;
    try {
      await mine.done;
      const answer = await send(mine.id, { verb: 'undo' });
      say(answer.ok ? `Taken back: ${mine.what}` : answer.detail || answer.title, answer.ok ? '' : 'bad');
      if (answer.ok) current = mine.id;
    } catch {
      say('No answer came; it is not known whether this was taken back.', 'bad');
    }
    return refresh();
  };

  // --- a reason to reject ---
  const why = document.getElementById('why');
  const note = document.getElementById('why-note');
  let rejected = null;
  const reject = (row) => {
    rejected = row.dataset.id;
    document.getElementById('why-about').textContent = about(row);
    why.returnValue = '';
    why.showModal();
    note.focus();
  };
  why?.addEventListener('close', () => {
    const row = document.getElementById(`p-${rejected}`);
    if (why.returnValue === 'reject' && !row) return say('It left the list while you wrote; your reason is kept here.');
    if (row) attend(row);
    if (!row || why.returnValue !== 'reject' || !note.value.trim()) return undefined;
    const reason = note.value.trim();
    note.value = '';
    return decide(row, 'reject', reason);
  });
  note?.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) why.querySelector('[value=reject]').click();
  });

  // --- the time to undo runs out by the second ---
  setInterval(() => {
    for (const time of document.querySelectorAll('[data-countdown]')) {
      const left = Math.ceil((Date.parse(time.dateTime) - Date.now()) / 1000);
      time.textContent = `in ${left} s`;
      if (left <= 0) time.closest('form').hidden = true;
    }
  }, 1000);

  // --- keys ---
  const act = (key) => {
    const row = attended() || rows()[0];
    const may = row && row.dataset.state === 'pending' && document.querySelector('.batch');
    const keys = {
      j: () => step(1),
      k: () => step(-1),
      Enter: () => attended()?.querySelector('.what').click(),
      x: () => row?.querySelector('input[type=checkbox]')?.click(),
      a: () => may && decide(row, 'approve'),
      r: () => may && reject(row),
      e: () => may && window.location.assign(`/approvals/${row.dataset.id}/edit`),
    };
    keys[key]?.();
    return key in keys;
  };
  const actOn = (key) => {
    const acts = document.getElementById('acts');
    const open = acts && !acts.hidden;
    const keys = {
      a: () => open && acts.querySelector('[value=approve]').click(),
      r: () => open && document.getElementById('note').focus(),
      e: () => open && document.getElementById('edit').click(),
      Escape: () => document.querySelector('[data-back]').click(),
    };
    keys[key]?.();
    return key in keys;
  };
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat && !'jk'.includes(event.key)) return;
    if (typing(event)) {
      if (event.key === 'Escape' && !event.target.closest('dialog')) event.target.blur();
      return;
    }
    if (event.key === 'Enter' && event.target.closest('a, button, summary, input')) return;
    if (event.key === '?') document.getElementById('keys').showModal();
    else if (event.key === 'u') undo();
    else if (!(list() ? act(event.key) : actOn(event.key))) return;
    event.preventDefault();
  });
  document.addEventListener('submit', (event) => {
    if (event.target.dataset.sent) event.preventDefault(); // a second click on the same form
    else if (event.target.method === 'post') event.target.dataset.sent = 'yes';
  });
  window.addEventListener('pageshow', () => {
    for (const form of document.querySelectorAll('form[data-sent]')) delete form.dataset.sent;
  });
})();

// Files go up with their progress by bytes. What cannot go up is named, and the rest goes on; what was not sent can be sent
// again. The form works without this: then its files go up as one request, and the page says no more than the browser does.
(() => {
  'use strict';
  const form = document.querySelector('form[data-upload]');
  const input = form?.elements.file;
  if (!input || !window.DataTransfer) return;
  const most = Number(form.dataset.mostBytes) - 65536; // a form has more in it than its files
  const mostFiles = Number(form.dataset.mostFiles);
  const button = form.querySelector('button[type=submit]');
  const make = (name, props = {}, ...children) => {
    const made = Object.assign(document.createElement(name), props);
    made.append(...children);
    return made;
  };
  const size = (bytes) => (bytes < 1024 ? `${bytes} B` : bytes < 1048576 ? `${Math.round(bytes / 1024)} kB` : `${(bytes / 1048576).toFixed(1)} MB`);
  const count = (number) => `${number} ${number === 1 ? 'file' : 'files'}`;
  const shown = form.querySelector('[data-sending]');
  const said = shown.querySelector('[role=status]');
  const bar = shown.querySelector('progress');
  const amount = shown.querySelector('[data-amount]');
  const list = shown.querySelector('ul');
  const jobs = shown.querySelector('[data-jobs]');
  const stop = shown.querySelector('button');
  let going = null;
  let rows = [];

  const open = ({ state }) => state !== 'sent' && state !== 'barred';
  const say = (row, state, why = '') => {
    row.state = state;
    row.element.dataset.state = state;
    row.element.lastChild.textContent = why;
  };
  const choose = (files) => {
    const chosen = new DataTransfer();
    for (const file of files) chosen.items.add(file);
    input.files = chosen.files;
    look();
  };
  const look = () => {
    if (going) return;
    rows = [...input.files].map((file) => {
      const element = make('li', {}, make('bdi', { className: 'mono', textContent: file.name }), make('span', { className: 'quiet', textContent: ` ${size(file.size)} ` }), make('strong'));
      return { file, element, state: 'chosen' };
    });
    list.replaceChildren(...rows.map((row) => row.element));
    shown.hidden = !rows.length;
    bar.hidden = stop.hidden = true;
    amount.textContent = '';
    jobs.replaceChildren();
    said.textContent = rows.length ? `${count(rows.length)} chosen, ${size(rows.reduce((sum, row) => sum + row.file.size, 0))}.` : '';
    button.textContent = 'Upload';
  };
  // A folder, or a file that has changed or gone since it was chosen, would end the request for all of them.
  const fault = async ({ file }) => {
    if (file.size > most) return `is too large: ${size(most)} at most`;
    try {
      await file.slice(0, 1).arrayBuffer();
      return '';
    } catch {
      return 'cannot be read: choose it again';
    }
  };
  const batches = (files) => {
    const found = [];
    let room = 0;
    for (const row of files) {
      if (!found.length || row.file.size > room || found.at(-1).length >= mostFiles) {
        found.push([]);
        room = most;
      }
      found.at(-1).push(row);
      room -= row.file.size;
    }
    return found;
  };
  const answered = (request) => {
    try {
      return JSON.parse(request.responseText);
    } catch {
      return {};
    }
  };
  const send = (batch, moved) => new Promise((resolve) => {
    const request = going = new XMLHttpRequest();
    const body = new FormData();
    for (const field of form.querySelectorAll('input[type=hidden]')) body.append(field.name, field.value);
    for (const row of batch) body.append('file', row.file, row.file.name);
    request.upload.onprogress = (event) => moved(event.loaded, event.total);
    request.onload = () => {
      const found = answered(request);
      resolve(request.status === 201 ? { place: found.location } : { why: found.detail || found.title || `the console said ${request.status}` });
    };
    request.onerror = () => resolve({ why: 'the connection broke off' });
    request.onabort = () => resolve({ why: 'stopped', stopped: true });
    request.open('POST', form.action);
    request.setRequestHeader('accept', 'application/json');
    request.send(body);
  });
  const each = (batch, loaded, total) => {
    let left = loaded - Math.max(0, total - batch.reduce((sum, row) => sum + row.file.size, 0));
    for (const row of batch) {
      const part = row.file.size ? Math.max(0, Math.min(1, left / row.file.size)) : Number(left >= 0);
      row.element.lastChild.textContent = part < 1 ? `${Math.round(part * 100)} %` : 'handed over';
      left -= row.file.size;
    }
  };
  const upload = async () => {
    const places = [];
    let done = 0;
    for (const row of rows.filter(open)) {
      const why = await fault(row);
      say(row, why ? 'barred' : 'waiting', why);
    }
    const able = rows.filter((row) => row.state === 'waiting');
    const whole = able.reduce((sum, row) => sum + row.file.size, 0);
    bar.max = whole || 1;
    bar.value = 0;
    bar.hidden = stop.hidden = !able.length;
    if (able.length) stop.focus();
    said.textContent = `Sending ${count(able.length)}, ${size(whole)} …`;
    for (const batch of batches(able)) {
      const bytes = batch.reduce((sum, row) => sum + row.file.size, 0);
      const { place, why, stopped } = await send(batch, (loaded, total) => {
        bar.value = done + bytes * (loaded / total);
        amount.textContent = `${size(bar.value)} of ${size(whole)}`;
        each(batch, loaded, total);
      });
      done += bytes;
      for (const row of batch) say(row, place ? 'sent' : 'unsent', place ? 'is being read' : `was not sent: ${why}`);
      if (place) places.push(place);
      if (stopped) {
        for (const row of able) if (row.state === 'waiting') say(row, 'unsent', 'was not sent: stopped');
        break;
      }
    }
    return places;
  };
  const told = (places) => {
    const left = rows.filter((row) => row.state !== 'sent');
    const again = rows.filter(open);
    const held = document.activeElement; // whoever is elsewhere by now stays there
    if (!left.length && places.length === 1 && !jobs.childElementCount) {
      location.assign(places[0]);
      return;
    }
    bar.hidden = stop.hidden = true;
    amount.textContent = '';
    said.textContent = left.length ? `${count(left.length)} of ${rows.length} not sent.` : 'All files are sent.';
    for (const place of places) jobs.append(make('li', {}, make('a', { href: place, textContent: `Job ${jobs.childElementCount + 1}: what was sent is being read` })));
    button.textContent = again.length ? `Send ${count(again.length)} again` : 'Upload';
    if ([document.body, stop].includes(held)) (again.length ? button : jobs.querySelector('a') ?? input).focus();
  };
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    if (going || !rows.some(open)) return;
    going = {};
    button.disabled = input.disabled = true;
    upload().then((places) => {
      going = null;
      button.disabled = input.disabled = false;
      told(places);
    });
  });
  stop.addEventListener('click', () => going?.abort?.());
  input.addEventListener('change', look);
  window.addEventListener('beforeunload', (event) => { if (going) event.preventDefault(); });
  input.disabled = button.disabled = false; // some browsers keep that over a reload, and the files
  look();

  // Files dropped anywhere on the page are chosen, as by the field: one look, and then the button.
  const carries = (event) => !going && event.dataTransfer?.types.includes('Files');
  const mark = (on) => document.body.classList.toggle('dropping', on);
  document.addEventListener('dragover', (event) => {
    if (!carries(event)) return;
    event.preventDefault();
    mark(true);
  });
  document.addEventListener('dragleave', (event) => { if (!event.relatedTarget) mark(false); });
  document.addEventListener('drop', (event) => {
    mark(false);
    if (!carries(event)) return;
    event.preventDefault();
    form.closest('details').open = true;
    choose(event.dataTransfer.files);
    form.scrollIntoView({ block: 'nearest' });
    button.focus();
  });
})();

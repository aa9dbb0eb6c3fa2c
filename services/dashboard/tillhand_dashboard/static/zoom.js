// Charts that can be looked at more nearly. The picture and the table stay what they are; what draws the numbers anew is
// fetched when somebody asks for it. Everything works by keyboard: buttons, and arrows, + and - on the chart itself.
(() => {
  'use strict';
  const { draws, style } = document.currentScript.dataset;
  const DAY = 86400;
  const LEAST = 7;
  const make = (tag, about = {}, ...children) => {
    const element = Object.assign(document.createElement(tag), about);
    element.append(...children);
    return element;
  };
  const coloured = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const number = (value) => (value == null ? '–' : value.toLocaleString('en', { maximumFractionDigits: 1 }));
  const short = (seconds) => new Date(seconds * 1000).toLocaleDateString('en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' });
  const dayOf = (seconds) => new Date(seconds * 1000).toISOString().slice(0, 10);
  const styled = () => new Promise((resolve) => {
    const link = make('link', { rel: 'stylesheet', href: style, onload: resolve, onerror: resolve });
    if (document.querySelector(`link[href="${style}"]`)) resolve();
    else document.head.append(link);
  });
  const columns = ({ days, lines, bands }) => [
    days.map((day) => Date.parse(day) / 1000),
    ...bands.flatMap((band) => [band.low, band.high]),
    ...lines.map((line) => line.values),
  ];
  const series = (uPlot, { lines, bands }) => [
    { label: 'Day', value: (_, seconds) => (seconds == null ? '–' : dayOf(seconds)) },
    ...bands.flatMap((band) => ['at least', 'at most'].map((end) => (
      { label: `${band.name}, ${end}`, stroke: coloured('--accent'), width: 0.5, points: { show: false }, value: (_, value) => number(value) }))),
    ...lines.map((line) => ({
      label: line.name,
      value: (_, value) => number(value),
      stroke: coloured(line.kind === 'bars' ? '--quiet' : '--accent'),
      fill: line.kind === 'bars' ? coloured('--quiet') : undefined,
      width: line.kind === 'bars' ? 0 : 2.5,
      points: { show: false },
      paths: line.kind === 'bars' ? uPlot.paths.bars({ size: [0.7, 30] }) : undefined,
    })),
  ];
  function nearer(uPlot, picture, found, mode) {
    const data = columns(found);
    const all = [data[0][0], data[0].at(-1)];
    let shown = all;
    let at = null;
    const place = make('div', { className: 'nearer', tabIndex: 0, role: 'application' });
    place.setAttribute('aria-label', `${found.title}, ${found.unit}. Arrows move, plus and minus zoom, Home shows all, comma and full stop read a day.`);
    const said = make('p', { className: 'small quiet' });
    said.setAttribute('role', 'status');
    const axis = { stroke: coloured('--text'), grid: { stroke: coloured('--line') }, ticks: { stroke: coloured('--line') } };
    const size = () => ({ width: Math.max(260, place.clientWidth), height: 340 });
    const within = () => data[0].filter((day) => day >= shown[0] && day <= shown[1]);
    const tell = () => {
      const days = within();
      said.textContent = `${dayOf(shown[0])} to ${dayOf(shown[1])}, ${days.length} of ${data[0].length} days.`;
      if (at === null) return;
      const read = plot.series.slice(1).map((each, index) => `${each.label} ${number(data[index + 1][at])}`);
      said.textContent += ` On ${dayOf(data[0][at])}: ${read.filter((text) => !text.endsWith('–')).join('; ')}.`;
    };
    let plot = null; // the first scale is set while it is being made
    plot = new uPlot({
      ...size(),
      tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), 'Etc/UTC'),
      scales: { x: { time: true } },
      axes: [{ ...axis, values: (_, marks) => marks.map(short), space: 60 }, { ...axis, label: found.unit, size: 64 }],
      series: series(uPlot, found),
      bands: found.bands.map((_, index) => ({ series: [2 * index + 2, 2 * index + 1], fill: `${coloured('--accent')}33` })),
      cursor: { drag: { x: true, y: false } },
      hooks: { setScale: [(drawn, key) => {
        if (key !== 'x' || drawn.scales.x.min == null) return;
        shown = [drawn.scales.x.min, drawn.scales.x.max];
        if (drawn === plot) tell();
      }] },
    }, data, place);
    const show = (low, high) => {
      const width = Math.min(all[1] - all[0], Math.max(LEAST * DAY, high - low));
      const from = Math.min(Math.max(low, all[0]), all[1] - width);
      plot.setScale('x', { min: from, max: from + width });
    };
    const acts = {
      'Zoom in': () => { const part = (shown[1] - shown[0]) / 4; show(shown[0] + part, shown[1] - part); },
      'Zoom out': () => { const part = (shown[1] - shown[0]) / 2; show(shown[0] - part, shown[1] + part); },
      Earlier: () => { const part = (shown[1] - shown[0]) / 4; show(shown[0] - part, shown[1] - part); },
      Later: () => { const part = (shown[1] - shown[0]) / 4; show(shown[0] + part, shown[1] + part); },
      'All days': () => show(...all),
    };
    const read = (step) => {
      const days = within();
      const next = at === null ? data[0].indexOf(days[0]) : at + step;
      at = Math.min(Math.max(next, data[0].indexOf(days[0])), data[0].indexOf(days.at(-1)));
      plot.setCursor({ left: plot.valToPos(data[0][at], 'x'), top: plot.bbox.height / devicePixelRatio / 2 });
      tell();
    };
    const keys = { '+': 'Zoom in', '=': 'Zoom in', '-': 'Zoom out', ArrowLeft: 'Earlier', ArrowRight: 'Later', Home: 'All days' };
    place.addEventListener('keydown', (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === ',' || event.key === '.') read(event.key === '.' ? 1 : -1);
      else if (keys[event.key]) acts[keys[event.key]]();
      else return;
      event.preventDefault();
      event.stopPropagation();
    });
    const row = make('div', { className: 'row' }, ...Object.entries(acts).map(([text, act]) => {
      const button = make('button', { type: 'button', textContent: text });
      button.addEventListener('click', act);
      return button;
    }));
    const back = make('button', { type: 'button', textContent: 'Back to the picture' });
    row.append(back);
    if (mode !== 'live') row.append(make('span', { className: `badge mode ${mode}`, textContent: mode, title: 'Not real data.' }));
    const whole = make('div', { className: 'stack tight' }, row, place, said);
    picture.after(whole);
    const fit = new ResizeObserver(() => plot.setSize(size()));
    fit.observe(place);
    plot.setSize(size());
    tell();
    place.focus({ preventScroll: true });
    return (closed) => back.addEventListener('click', () => {
      fit.disconnect();
      plot.destroy();
      whole.remove();
      closed();
    });
  }
  for (const picture of document.querySelectorAll('[data-numbers]')) {
    const button = make('button', { type: 'button', textContent: 'Zoom' });
    const row = make('div', { className: 'row' }, button);
    picture.after(row);
    button.addEventListener('click', async () => {
      button.disabled = true;
      try {
        const [module, answer] = await Promise.all([
          import(draws),
          fetch(picture.dataset.numbers, { headers: { accept: 'application/json' } }),
          styled(),
        ]);
        if (!answer.ok) throw new Error(answer.statusText);
        const { value, provenance } = await answer.json();
        nearer(module.default, picture, value, provenance.mode)(() => {
          picture.hidden = row.hidden = false;
          button.focus();
        });
        picture.hidden = row.hidden = true;
      } catch {
        window.tillhand?.toast('The numbers behind the chart could not be had. The table below holds them.', 'bad');
      }
      button.disabled = false;
    });
  }
})();

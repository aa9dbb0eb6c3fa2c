// Parts of a page that the server sends as they come about. `data-stream` names the events: `more` is added where
// `data-more` stands, `part` takes the place of what `data-part` marks, `whole` that of the element itself, and ends it.
(() => {
  'use strict';
  if (!window.htmx) return;
  const open = new Map();
  const put = (text, target, swap) => window.htmx.swap({ text, target, swap, sourceElement: target, transition: false });
  const close = (element) => {
    open.get(element)?.close();
    open.delete(element);
  };
  const begin = (element) => {
    const source = new EventSource(element.dataset.stream);
    open.set(element, source);
    const hear = (name, act) => source.addEventListener(name, (event) => {
      if (element.isConnected) act(event.data);
      else close(element);
    });
    hear('more', (text) => put(text, element.querySelector('[data-more]'), 'beforeend'));
    hear('part', (text) => put(text, element.querySelector('[data-part]'), 'outerHTML'));
    hear('whole', (text) => {
      close(element);
      const { id } = element;
      Promise.resolve(put(text, element, 'outerHTML')).then(() => document.getElementById(id)?.focus({ preventScroll: true }));
    });
    // A question is not asked twice by itself: what broke off is said, and asking again is up to whoever asked.
    source.onerror = () => {
      close(element);
      element.removeAttribute('aria-busy');
      element.querySelector('.skeleton')?.remove();
      const said = document.createElement('p');
      said.setAttribute('role', 'alert');
      const again = Object.assign(document.createElement('a'), { href: location.href, textContent: 'Try again' });
      said.append('The connection broke off before the end. ', again);
      element.append(said);
    };
  };
  const look = () => {
    for (const element of open.keys()) if (!element.isConnected) close(element);
    for (const element of document.querySelectorAll('[data-stream]')) if (!open.has(element) && !element.dataset.begun) {
      element.dataset.begun = 'yes';
      begin(element);
    }
  };
  document.addEventListener('htmx:after:swap', look);
  window.addEventListener('pagehide', () => { for (const element of [...open.keys()]) close(element); });
  look();
})();

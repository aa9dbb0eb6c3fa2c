// From a fault to its line in the text.
(() => {
  'use strict';
  const text = document.getElementById('text');
  document.addEventListener('click', (event) => {
    const link = event.target.closest('[data-line]');
    if (!link || !text) return;
    event.preventDefault();
    const lines = text.value.split('\n');
    const number = Math.min(Number(link.dataset.line), lines.length);
    const begins = lines.slice(0, number - 1).reduce((sum, line) => sum + line.length + 1, 0);
    text.focus();
    text.setSelectionRange(begins, begins + lines[number - 1].length);
    const height = parseFloat(getComputedStyle(text).lineHeight) || 20;
    text.scrollTop = Math.max(0, (number - 4) * height);
  });
})();

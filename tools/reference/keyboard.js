// What Redoc leaves out for readers without a mouse: a way past the menu, and a search that can be reached by Tab.
(() => {
  const mend = () => {
    const search = document.querySelector('[data-testid="search-trigger"]');
    if (search !== null && !search.hasAttribute('tabindex')) {
      search.setAttribute('tabindex', '0');
      search.setAttribute('role', 'button');
      search.addEventListener('keydown', (event) => {
        if (event.key !== 'Enter' && event.key !== ' ') return;
        event.preventDefault();
        search.click();
      });
    }
    // A button is called what can be read on it, and what that is.
    for (const button of document.querySelectorAll('button[aria-label][aria-haspopup]')) {
      const [kind] = button.getAttribute('aria-label').split(': ');
      const shown = button.textContent.trim();
      const label = shown === '' ? kind : `${kind}: ${shown}`;
      if (button.getAttribute('aria-label') !== label) button.setAttribute('aria-label', label);
    }
    document.querySelector('main')?.setAttribute('tabindex', '-1');
    document.querySelector('.menu-content')?.setAttribute('role', 'navigation');
  };
  addEventListener('load', () => {
    mend();
    new MutationObserver(mend).observe(document.body, { childList: true, subtree: true });
  });
  // Redoc keeps its place in the address's fragment, so the link may not change it.
  document.getElementById('skip').addEventListener('click', (event) => {
    event.preventDefault();
    document.querySelector('main')?.focus();
  });
})();

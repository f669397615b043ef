// Five steps, each a link and a state: arrows go from one to the next, the page never scrolls itself.

var chapters = all('[data-step]');

function goTo(link) {
  var wanted = facts.story[link.dataset.step];
  change({ step: link.dataset.step, period: wanted.period, surface: wanted.surface, off: wanted.off.filter(known) });
  link.focus({ preventScroll: true });
}

function tellStep() {
  chapters.forEach(function (link) {
    if (link.dataset.step === state.step) link.setAttribute('aria-current', 'step');
    else link.removeAttribute('aria-current');
  });
  all('[data-told]').forEach(function (part) { part.hidden = part.dataset.told !== state.step; });
}

chapters.forEach(function (link, number) {
  link.addEventListener('click', function (event) {
    event.preventDefault();
    goTo(link);
  });
  link.addEventListener('keydown', function (event) {
    var by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!by) return;
    event.preventDefault();
    goTo(chapters[Math.min(chapters.length - 1, Math.max(0, number + by))]);
  });
});
onChange(tellStep);
addEventListener('hashchange', tellStep);
tellStep();

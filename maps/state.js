// What the reader is looking at, kept in the address so that a view can be linked to.

var facts = JSON.parse(document.getElementById('facts').textContent);
var last = facts.periods.length - 1;
var listeners = [];
var state = { period: last, surface: '', off: [], view: null, step: '' };

function one(selector) { return document.querySelector(selector); }
function all(selector) { return Array.prototype.slice.call(document.querySelectorAll(selector)); }
function periodNumber(id) {
  return facts.periods.findIndex(function (p) { return p.id === id; });
}

function known(name) { return Boolean(one('input[name=layer][value=' + name + ']')); }

function onChange(listener) { listeners.push(listener); }

// What the reader changes by hand is no longer the state of a step.
function change(part) {
  Object.assign(state, { step: '' }, part);
  listeners.forEach(function (listener) { listener(part); });
  writeAddress();
}

function writeAddress() {
  var said = new URLSearchParams();
  if (state.step) said.set('step', state.step);
  said.set('period', facts.periods[state.period].id);
  if (state.surface) said.set('surface', state.surface);
  said.set('off', state.off.join('.'));
  if (state.view) said.set('view', state.view.join('_'));
  if (facts.resize) said.set('resize', '1');
  try {
    history.replaceState(null, '', '#' + said.toString());
  } catch (refused) {
    // a sandboxed frame may not have a history of its own; the view still works without
  }
}

// Only what is known is taken from the address: it is a stranger's text.
function readAddress() {
  var said = new URLSearchParams(location.hash.slice(1));
  facts.resize = said.has('resize');
  var found = { period: periodNumber(said.get('period')) };
  var step = said.get('step');
  found.step = Object.prototype.hasOwnProperty.call(facts.story, step) ? step : '';
  var base = found.step ? facts.story[found.step] : { period: last, surface: '' };
  if (found.period < 0) found.period = base.period;
  found.surface = Object.prototype.hasOwnProperty.call(facts.surfaces, said.get('surface')) ? said.get('surface') : said.has('surface') ? '' : base.surface;
  var off = (said.get('off') || '').split('.');
  var names = all('input[name=layer]').map(function (box) { return box.value; });
  found.off = said.has('off') ? names.filter(function (n) { return off.indexOf(n) >= 0; })
    : found.step ? base.off.filter(known) : all('input[name=layer]:not(:checked)').map(function (box) { return box.value; });
  var view = (said.get('view') || '').split('_').map(Number);
  found.view = view.length === 3 && view.every(Number.isFinite) ? view : null;
  return found;
}

// Wires the controls to the state, and the state to what is drawn and said.

var slider = one('#period'), surfaces = one('#surface');

function put(name, text) { one('[data-is=' + name + ']').textContent = text; }

function stamp(name, period) {
  one('[data-is=' + name + '] b').textContent = period.label;
}

function speak() {
  var p = facts.periods[state.period];
  put('title', p.label);
  put('label', p.label);
  put('says', p.says);
  stamp('now', p);
  slider.value = state.period;
  slider.setAttribute('aria-valuetext', p.label);
  all('.band').forEach(function (band) {
    var number = Number(band.dataset.period);
    band.classList.toggle('current', number === state.period);
  });
  all('input[name=layer]').forEach(function (box) { box.checked = shown(box.value); });
  if (surfaces) surfaces.value = state.surface;
  all('[data-of]').forEach(function (span) {
    var of = facts.surfaces[span.dataset.of].of[state.period];
    span.textContent = of ? '(' + of + ')' : '';
  });
  all('[data-ramp]').forEach(function (ramp) { ramp.hidden = ramp.dataset.ramp !== state.surface; });
}

function step(by) {
  change({ period: Math.min(last, Math.max(0, state.period + by)) });
}

var actions = {
  earlier: function () { step(-1); },
  later: function () { step(1); },
  'in': function () { map.zoomIn(); },
  out: function () { map.zoomOut(); },
  home: home,
  link: shareLink,
  print: function () { print(); }
};
all('[data-do]').forEach(function (button) { button.addEventListener('click', actions[button.dataset.do]); });
slider.addEventListener('input', function () { change({ period: Number(slider.value) }); });
all('input[name=layer]').forEach(function (box) {
  box.addEventListener('change', function () {
    change({ off: all('input[name=layer]:not(:checked)').map(function (b) { return b.value; }) });
  });
});
if (surfaces) surfaces.addEventListener('change', function () { change({ surface: surfaces.value }); });
all('.key').forEach(function (form) { form.addEventListener('submit', function (e) { e.preventDefault(); }); });

map.on('click', function (event) {
  read(event.latlng);
  if (innerWidth < 960) panel.scrollIntoView({ block: 'nearest' });
});
addEventListener('resize', fitHeight);
addEventListener('hashchange', function () {
  Object.assign(state, readAddress());
  if (state.view) map.setView([state.view[0], state.view[1]], state.view[2], { animate: false });
  draw();
  speak();
});
map.on('mousemove', function (event) {
  map.getContainer().classList.toggle('readable', Boolean(nearest(event.latlng)));
});
map.getContainer().addEventListener('keydown', function (event) {
  if (event.key === 'Enter') { event.preventDefault(); read(map.getCenter()); }
});
map.on('zoomend resize', function () { draw({}); });
map.on('moveend', function () {
  var c = map.getCenter();
  state.view = [c.lat.toFixed(3), c.lng.toFixed(3), map.getZoom()];
  drawLabels();
  writeAddress();
});

// The page scrolls past the map; the wheel zooms only once the reader has gone into it.
if (facts.mode === 'page') {
  map.on('focus', function () { map.scrollWheelZoom.enable(); });
  map.on('blur', function () { map.scrollWheelZoom.disable(); });
}
if (matchMedia('(pointer: coarse)').matches) map.dragging.disable();

function tellHeight() {
  if (facts.resize && parent !== window) {
    parent.postMessage({ type: 'funnel-effect:height', height: Math.ceil(document.body.getBoundingClientRect().height) }, '*');
  }
}

function retheme() { readColours(); draw(); }
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', retheme);
matchMedia('print').addEventListener('change', retheme);

Object.assign(state, readAddress());
readColours();
var wanted = state.view;
fitHeight();
if (wanted) map.setView([wanted[0], wanted[1]], wanted[2], { animate: false }); else home();
draw();
speak();
onChange(draw);
onChange(speak);
new ResizeObserver(tellHeight).observe(document.body);
document.documentElement.dataset.ready = 'true';

// Wires the controls to the state, and the state to what is drawn and said.

var slider = one('#period'), compare = one('#compare'), divider = one('#divider');
var player = one('[data-do=play]'), playing = 0;

function put(name, text) { one('[data-is=' + name + ']').textContent = text; }

function stamp(name, period) {
  one('[data-is=' + name + '] b').textContent = period.label;
}

function speak() {
  var p = facts.periods[state.period], other = facts.periods[state.compare];
  put('title', p.label);
  put('label', p.label);
  put('says', p.says);
  stamp('now', p);
  stamp('then', other || p);
  one('[data-is=then]').hidden = one('[data-is=seam]').hidden = divider.hidden = !other;
  slider.value = state.period;
  slider.setAttribute('aria-valuetext', p.label);
  compare.value = state.compare;
  divider.value = state.divider;
  all('.band').forEach(function (band) {
    var number = Number(band.dataset.period);
    band.classList.toggle('current', number === state.period);
    band.classList.toggle('other', number === state.compare);
  });
  all('input[name=layer]').forEach(function (box) { box.checked = shown(box.value); });
  all('input[name=surface]').forEach(function (dot) { dot.checked = dot.value === state.surface; });
  all('[data-of]').forEach(function (span) {
    var of = facts.surfaces[span.dataset.of].of[state.period];
    span.textContent = of ? '(' + of + ')' : '';
  });
  all('[data-ramp]').forEach(function (ramp) { ramp.hidden = ramp.dataset.ramp !== state.surface; });
}

function step(by) {
  change({ period: Math.min(last, Math.max(0, state.period + by)) });
}

function stop() {
  clearInterval(playing);
  playing = 0;
  player.textContent = facts.say.play;
  player.setAttribute('aria-pressed', 'false');
}

function play() {
  if (playing) { stop(); return; }
  if (state.period === last) change({ period: 0 });
  player.textContent = facts.say.stop;
  player.setAttribute('aria-pressed', 'true');
  playing = setInterval(function () {
    if (state.period === last) stop(); else step(1);
  }, 1800);
}

var actions = {
  earlier: function () { stop(); step(-1); },
  later: function () { stop(); step(1); },
  play: play,
  'in': function () { map.zoomIn(); },
  out: function () { map.zoomOut(); },
  home: home
};
all('[data-do]').forEach(function (button) { button.addEventListener('click', actions[button.dataset.do]); });
slider.addEventListener('input', function () { stop(); change({ period: Number(slider.value) }); });
compare.addEventListener('change', function () { change({ compare: Number(compare.value) }); });
divider.addEventListener('input', function () { state.divider = Number(divider.value); split(); });
divider.addEventListener('change', writeAddress);
all('input[name=layer]').forEach(function (box) {
  box.addEventListener('change', function () {
    change({ off: all('input[name=layer]:not(:checked)').map(function (b) { return b.value; }) });
  });
});
all('input[name=surface]').forEach(function (dot) {
  dot.addEventListener('change', function () { change({ surface: dot.value }); });
});
all('.key').forEach(function (form) { form.addEventListener('submit', function (e) { e.preventDefault(); }); });

map.on('click', function (event) {
  read(event.latlng);
  if (innerWidth < 960) panel.scrollIntoView({ block: 'nearest' });
});
addEventListener('resize', fitHeight);
map.on('mousemove', function (event) {
  map.getContainer().classList.toggle('readable', Boolean(nearest(event.latlng)));
});
map.getContainer().addEventListener('keydown', function (event) {
  if (event.key === 'Enter') { event.preventDefault(); read(map.getCenter()); }
});
map.on('move zoom resize', split);
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

function csv(rows) {
  return rows.map(function (row) {
    return row.map(function (value) {
      var text = String(value);
      // a spreadsheet must not take a publisher's text for a formula
      if (/^[=+\-@\t\r]/.test(text) && !Number.isFinite(Number(text))) text = "'" + text;
      return /[",\n\r]/.test(text) ? '"' + text.replace(/"/g, '""') + '"' : text;
    }).join(',');
  }).join('\r\n') + '\r\n';
}

function tableRows(id) {
  if (id !== 'cells') {
    return all('#table-' + id + ' tr').map(function (row) {
      return Array.prototype.map.call(row.cells, function (cell) { return cell.textContent; });
    });
  }
  var rows = [['cell_id', 'block', 'area_km2', 'deaths_class', 'centre_lat', 'centre_lon', 'row_id']];
  cells.forEach(function (cell) {
    cell.properties.c.forEach(function (level, i) {
      if (level) rows.push([cell.properties.id, facts.periods[i].id, cell.properties.km2, facts.say.classes[level], cell.at[0].toFixed(3), cell.at[1].toFixed(3), cell.properties.r[i]]);
    });
  });
  return rows;
}

all('[data-csv]').forEach(function (button) {
  button.addEventListener('click', function () {
    var rows = tableRows(button.dataset.csv);
    if (facts.synthetic) rows.push([facts.synthetic]);
    var link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob(['\ufeff' + csv(rows)], { type: 'text/csv' }));
    link.download = facts.name + '-' + button.dataset.csv + '.csv';
    link.click();
    setTimeout(function () { URL.revokeObjectURL(link.href); }, 10000);
  });
});

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

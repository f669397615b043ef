// The reading panel: every string reaches the page as text, never as markup.

var panel = one('[data-is=panel]');
var say = facts.say.panel;

// As the page's language writes numbers.
function number(value) { return value.toLocaleString(document.documentElement.lang, { useGrouping: false }); }

function show(title, rows) {
  panel.textContent = '';
  var head = document.createElement('h3');
  head.textContent = title;
  var list = document.createElement('dl');
  rows.forEach(function (row) {
    if (row[1] === '' || row[1] === null || row[1] === undefined) return;
    var term = document.createElement('dt'), value = document.createElement('dd');
    term.textContent = row[0];
    value.textContent = row[1];
    value.dir = 'auto';
    list.append(term, value);
  });
  panel.append(head, list);
}

function readCell(cell, period) {
  var p = cell.properties, others = facts.periods.map(function (q, i) {
    return i === period ? '' : q.label + ': ' + facts.say.classes[p.c[i]];
  }).filter(Boolean).join('; ');
  show(say.cell, [
    [facts.periods[period].label, facts.say.classes[p.c[period]]],
    [say.other_periods, others],
    [say.cell_size, number(p.km2) + ' km²'],
    [say.meaning, say.cell_meaning],
    [say.uncertainty, say.cell_uncertainty],
    [say.source, p.source || facts.source],
    [say.row, p.r[period]]
  ]);
  outline(cell);
}

function readTower(p) {
  show(say.tower, [
    [say.programme, p.programme],
    [say.from, p.from],
    [say.to, p.to || say.open],
    [say.height, p.height === null ? say.unknown : number(p.height) + ' m'],
    [say.range, p.range === null ? say.unknown : number(p.range / 1000) + ' km'],
    [say.near, p.near === null ? say.unknown : '± ' + number(p.near) + ' m'],
    [say.source, p.cite || say.unknown],
    [say.row, p.id]
  ]);
}

function readZone(p) {
  show(say.zone, [
    [say.zone_name, p.name],
    [say.from, p.from],
    [say.to, p.to || say.open],
    [say.span, p.span],
    [say.depth, p.depth],
    [say.extent, p.extent],
    [say.source, p.cite || say.unknown],
    [say.confirmations, p.confirmations],
    [say.inferred, p.inferred],
    [say.row, p.id]
  ]);
}

// Whether a place lies inside an area, by the crossings of its rings; holes count out.
function inside(feature, latlng) {
  var g = feature.geometry, many = g.type === 'MultiPolygon' ? g.coordinates : [g.coordinates];
  return many.some(function (polygon) {
    var odd = false;
    polygon.forEach(function (ring) {
      for (var i = 0, j = ring.length - 1; i < ring.length; j = i, i += 1) {
        var a = ring[i], b = ring[j];
        if ((a[1] > latlng.lat) !== (b[1] > latlng.lat)
          && latlng.lng < (b[0] - a[0]) * (latlng.lat - a[1]) / (b[1] - a[1]) + a[0]) odd = !odd;
      }
    });
    return odd;
  });
}

function zoneAt(latlng) {
  var found = null;
  if (!shown('towers')) return null;
  shapes.zones.eachLayer(function (l) {
    var p = l.feature.properties;
    if (p.p[state.period] && (!found || found.older) && inside(l.feature, latlng)) found = p;
  });
  return found;
}

function readSite(p) {
  show(say.site, [
    [say.kind, p.kind],
    [say.operator, p.operator || say.unknown],
    [say.from, p.from || say.unknown],
    [say.to, p.to || say.unknown],
    [say.row, p.id]
  ]);
}

function readPlace(latlng) {
  var name = state.surface, told = facts.surfaces[name];
  if (!told) { show(say.place, [[say.value, say.nothing]]); return; }
  var level = classAt(latlng);
  show(told.title, [
    [say.value, level > 0 ? told.classes[level - 1] : say.nothing],
    [say.meaning, told.meaning],
    ['', told.unit],
    [say.uncertainty, told.caution]
  ].map(function (row) { return row[0] ? row : [say.cell_size, '1 km · ' + row[1]]; }));
}

// The class of a surface is read from its own picture: the colour of the pixel.
function classAt(latlng) {
  if (!overlay || !overlay.getElement()) return 0;
  var image = overlay.getElement(), bounds = overlay.getBounds();
  var nw = L.CRS.EPSG3857.project(bounds.getNorthWest()), se = L.CRS.EPSG3857.project(bounds.getSouthEast());
  var p = L.CRS.EPSG3857.project(latlng);
  var x = Math.floor((p.x - nw.x) / (se.x - nw.x) * image.naturalWidth);
  var y = Math.floor((p.y - nw.y) / (se.y - nw.y) * image.naturalHeight);
  if (x < 0 || y < 0 || x >= image.naturalWidth || y >= image.naturalHeight) return 0;
  var canvas = document.createElement('canvas');
  canvas.width = canvas.height = 1;
  var pen = canvas.getContext('2d');
  pen.drawImage(image, x, y, 1, 1, 0, 0, 1, 1);
  var alpha = pen.getImageData(0, 0, 1, 1).data[3];
  if (!alpha) return 0;
  var near = facts.surfaces[state.surface].colours.map(function (c) { return Math.abs(parseInt(c.slice(7, 9), 16) - alpha); });
  return near.indexOf(Math.min.apply(null, near)) + 1;
}

function outline(cell) {
  picked.clearLayers();
  var ring = cell.geometry.coordinates[0].map(function (c) { return [c[1], c[0]]; });
  picked.addLayer(L.polygon(ring, { pane: 'picked', interactive: false, fill: false, weight: 1.6, color: colours.ink }));
}

function candidates() {
  var out = [], period = state.period;
  if (shown('towers')) shapes.towers.eachLayer(function (l) {
    if (l.feature.properties.p[period]) out.push([l.getLatLng(), readTower, l.feature.properties]);
  });
  if (shown('sites')) shapes.sites.eachLayer(function (l) { out.push([l.getLatLng(), readSite, l.feature.properties]); });
  if (shown('deaths')) cells.forEach(function (cell) {
    if (cell.properties.c[period]) out.push([L.latLng(cell.at), function (c) { readCell(c, period); }, cell]);
  });
  return out;
}

function nearest(latlng) {
  var point = map.latLngToContainerPoint(latlng);
  var best = null, reach = Math.max(14, cellPixels() / 2);
  candidates().forEach(function (c) {
    var away = map.latLngToContainerPoint(c[0]).distanceTo(point);
    if (away <= reach) { reach = away; best = c; }
  });
  return best;
}

function read(latlng) {
  var best = nearest(latlng);
  picked.clearLayers();
  if (best) { best[1](best[2]); return; }
  var zone = state.surface ? null : zoneAt(latlng);
  if (zone) readZone(zone);
  else readPlace(latlng);
}

// A row of the central figure in focus, or under the pointer, marks its corridor on the map.
var marked = L.layerGroup().addTo(map);
function mark(row) {
  marked.clearLayers();
  all('svg.central .row').forEach(function (other) { other.classList.toggle('marked', other === row); });
  if (!row) return;
  var name = row.dataset.corridor;
  shapes.corridors.eachLayer(function (layer) {
    if (layer.feature.properties.name !== name) return;
    marked.addLayer(L.geoJSON(layer.feature, { pane: 'picked', interactive: false, style: {
      color: colours.ink, weight: 2.4, fillColor: colours.death, fillOpacity: 0.12
    } }));
  });
}

function readCorridor(name) {
  var values = facts.corridors[name] || [];
  show(name, facts.say.central.map(function (term, i) { return [term, values[i]]; }));
}

all('svg.central').forEach(function (figure) {
  var rows = Array.prototype.slice.call(figure.querySelectorAll('.row'));
  var steps = { ArrowDown: 1, ArrowUp: -1, Home: -rows.length, End: rows.length };
  rows.forEach(function (row, number) {
    row.addEventListener('focus', function () {
      rows.forEach(function (other) { other.setAttribute('tabindex', other === row ? 0 : -1); });
      mark(row);
      readCorridor(row.dataset.corridor);
    });
    row.addEventListener('blur', function () { mark(null); });
    row.addEventListener('mouseenter', function () { mark(row); });
    row.addEventListener('mouseleave', function () {
      mark(figure.contains(document.activeElement) ? document.activeElement : null);
    });
    row.addEventListener('keydown', function (event) {
      if (!steps[event.key]) return;
      event.preventDefault();
      rows[Math.min(rows.length - 1, Math.max(0, number + steps[event.key]))].focus();
    });
  });
});

// Draws one period, and beside it the compared one, from the shapes that Folium laid down.

var map = map_main;
var area = L.latLngBounds([facts.bounds[1], facts.bounds[0]], [facts.bounds[3], facts.bounds[2]]);
var sides = { now: L.layerGroup(), then: L.layerGroup() };
var marks = { now: L.layerGroup().addTo(map), then: L.layerGroup().addTo(map) };
var zones = { now: L.layerGroup().addTo(map), then: L.layerGroup().addTo(map) };
var names = L.layerGroup().addTo(map);
var picked = L.layerGroup().addTo(map);
var overlays = { now: null, then: null };
var colours = {};

Object.keys(shapes).forEach(function (name) {
  shapes[name].eachLayer(function (layer) {
    layer.feature.properties = facts.shapes[name][layer.feature.properties.n];
  });
});

map.setMinZoom(5);
map.setMaxZoom(11);
map.setMaxBounds(area.pad(0.6));
var ground = L.rectangle(area, { pane: 'ground', interactive: false, stroke: false, fillOpacity: 1, className: 'ground' }).addTo(map);
sides.now.addTo(map);
sides.then.addTo(map);

function readColours() {
  var style = getComputedStyle(document.documentElement);
  ['land', 'death', 'halo', 'tower', 'site', 'border', 'road', 'corridor', 'ink', 'paper'].forEach(function (name) {
    colours[name] = style.getPropertyValue('--' + name).trim();
  });
}

function shown(name) { return state.off.indexOf(name) < 0; }
function centre(feature) {
  var ring = feature.geometry.coordinates[0];
  var lon = 0, lat = 0;
  var n = ring.length - 1;
  for (var i = 0; i < n; i += 1) { lon += ring[i][0] / n; lat += ring[i][1] / n; }
  return [lat, lon];
}
var cells = shapes.deaths.toGeoJSON().features;
cells.forEach(function (cell) { cell.at = centre(cell); });

var finest = Math.sqrt(Math.min.apply(null, cells.map(function (cell) { return cell.properties.km2; })));

// A cell is some pixels wide, as wide as a square of its area; the symbols of its classes fill it more and more.
function cellPixels() {
  if (!cells.length) return 10;
  var at = cells[0].at;
  var step = finest / (111.32 * Math.cos(at[0] * Math.PI / 180));
  return map.latLngToLayerPoint([at[0], at[1] + step]).x - map.latLngToLayerPoint(at).x;
}
function radius(level, pixels) {
  return Math.max([0, 1.5, 2.5, 3.6, 5][level], [0, 0.14, 0.22, 0.32, 0.44][level] * pixels);
}

function drawCells(side, period) {
  var group = sides[side];
  group.clearLayers();
  if (period < 0 || !shown('deaths')) return;
  var pixels = cellPixels();
  cells.forEach(function (cell) {
    var level = cell.properties.c[period];
    if (!level) return;
    var r = radius(level, pixels);
    group.addLayer(L.circleMarker(cell.at, {
      pane: 'cells' + side, radius: r, interactive: false, stroke: r > 2.4, weight: 0.8,
      color: colours.halo, fillColor: colours.death, fillOpacity: 0.9
    }));
  });
}

// A triangle and a square, drawn as polygons of screen pixels on the same canvas as the dots.
L.Canvas.include({
  _updateShape: function (layer) {
    if (!this._drawing || layer._empty()) return;
    var p = layer._point, r = layer._radius, ctx = this._ctx;
    ctx.beginPath();
    if (layer.options.shape === 'square') {
      ctx.rect(p.x - r * 0.75, p.y - r * 0.75, r * 1.5, r * 1.5);
    } else {
      ctx.moveTo(p.x, p.y - r);
      ctx.lineTo(p.x + r * 0.95, p.y + r * 0.75);
      ctx.lineTo(p.x - r * 0.95, p.y + r * 0.75);
      ctx.closePath();
    }
    this._fillStroke(ctx, layer);
  }
});
var Shape = L.CircleMarker.extend({ _updatePath: function () { this._renderer._updateShape(this); } });

function drawMarks(side, period) {
  var group = marks[side], pane = 'marks' + side;
  group.clearLayers();
  if (period < 0) return;
  if (shown('sites')) {
    shapes.sites.eachLayer(function (layer) {
      group.addLayer(new Shape(layer.getLatLng(), {
        pane: pane, shape: 'square', radius: 4.5, interactive: false,
        weight: 1.2, color: colours.site, fillColor: colours.paper, fillOpacity: 0.9
      }));
    });
  }
  if (!shown('towers')) return;
  shapes.towers.eachLayer(function (layer) {
    var stood = layer.feature.properties.p[period];
    if (!stood) return;
    group.addLayer(new Shape(layer.getLatLng(), {
      pane: pane, shape: 'triangle', radius: 7, interactive: false, weight: 1.4,
      color: stood === 2 ? colours.halo : colours.tower,
      fillColor: stood === 2 ? colours.tower : colours.paper, fillOpacity: 0.95
    }));
  });
}

function drawZones(side, period) {
  var group = zones[side];
  group.clearLayers();
  if (period < 0 || !shown('zones')) return;
  shapes.zones.eachLayer(function (layer) {
    var p = layer.feature.properties, at = p.p[period];
    if (!at) return;
    var colour = p.older ? colours.corridor : colours.tower;
    group.addLayer(L.geoJSON(layer.feature, { pane: 'zones' + side, interactive: false, style: {
      color: colour, weight: 1.4, opacity: 0.9, dashArray: at === 2 && !p.older ? null : '5 4',
      fillColor: colour, fillOpacity: at === 2 && !p.older ? 0.2 : 0.06
    } }));
  });
}

function drawSurface(side, period) {
  var name = state.surface, wanted = null;
  if (name && period >= 0) {
    var number = facts.surfaces[name].periods[period];
    if (number >= 0) wanted = pictures[name][number];
  }
  var old = overlays[side];
  if (old && old.from === wanted) return;
  if (old) old.remove();
  overlays[side] = null;
  if (!wanted) return;
  var picture = L.imageOverlay(wanted._url, wanted.getBounds(), {
    pane: 'surface' + side, alt: wanted.options.alt, className: 'surface', interactive: false
  });
  picture.from = wanted;
  overlays[side] = picture.addTo(map);
}

function drawLines() {
  ground.setStyle({ fillColor: colours.land });
  var looks = {
    border: { color: colours.border, weight: 1.8, opacity: 1 },
    roads: { color: colours.road, weight: 1.1, opacity: 0.85 },
    corridors: { color: colours.corridor, weight: 1, dashArray: '4 4', fill: false }
  };
  ['corridors', 'roads', 'border'].forEach(function (name) {
    if (!shown(name)) { shapes[name].remove(); return; }
    shapes[name].setStyle(looks[name]).addTo(map);
  });
}

function metresPerPixel() {
  return 40075016 * Math.cos(map.getCenter().lat * Math.PI / 180) / (256 * Math.pow(2, map.getZoom()));
}

function dotBoxes() {
  if (!shown('deaths')) return [];
  var pixels = cellPixels();
  return cells.filter(function (cell) { return cell.properties.c[state.period]; }).map(function (cell) {
    var p = map.latLngToContainerPoint(cell.at), r = radius(cell.properties.c[state.period], pixels);
    return [p.x, p.y, 2 * r, 2 * r, false];
  });
}

// Degrees along the rim: enough to find a place in an atlas, too faint to read as data.
function drawGrid() {
  var wide = area.getEast() - area.getWest(), every = wide > 12 ? 4 : wide > 6 ? 2 : wide > 3 ? 1 : 0.5;
  function line(a, b) { names.addLayer(L.polyline([a, b], { pane: 'lines', interactive: false, color: colours.ink, weight: 0.5, opacity: 0.18 })); }
  function degrees(value, letters) { return Math.abs(value) + '° ' + letters[value < 0 ? 1 : 0]; }
  for (var lon = Math.ceil(area.getWest() / every) * every; lon < area.getEast(); lon += every) {
    line([area.getSouth(), lon], [area.getNorth(), lon]);
    names.addLayer(label([area.getSouth(), lon], degrees(lon, facts.say.letters.slice(0, 2)), 'grid low'));
  }
  for (var lat = Math.ceil(area.getSouth() / every) * every; lat < area.getNorth(); lat += every) {
    line([lat, area.getWest()], [lat, area.getEast()]);
    names.addLayer(label([lat, area.getEast()], degrees(lat, facts.say.letters.slice(2)), 'grid'));
  }
}

function label(at, text, kind) {
  var element = document.createElement('span');
  element.textContent = text;
  return L.marker(at, {
    pane: 'labels', interactive: false, keyboard: false,
    icon: L.divIcon({ className: 'label ' + kind, html: element, iconSize: null })
  });
}

// Highways carry their name at the middle of their longest stretch; the longest come first.
var highways = [];
shapes.roads.eachLayer(function (layer) {
  var p = layer.feature.properties;
  if (!p.short) return;
  var parts = layer.getLatLngs();
  if (!Array.isArray(parts[0])) parts = [parts];
  var spans = parts.map(function (line) { return L.latLngBounds(line); });
  var size = spans.map(function (b) { return b.getSouthWest().distanceTo(b.getNorthEast()); });
  var best = size.indexOf(Math.max.apply(null, size)), line = parts[best];
  var places = [0.5, 0.35, 0.65, 0.2, 0.8].map(function (share) { return line[Math.floor((line.length - 1) * share)]; });
  highways.push({ name: p.short, at: places, metres: size[best] });
});
highways.sort(function (a, b) { return b.metres - a.metres; });

// Names never overlap: the first of two that would is kept, and places come before roads.
function drawLabels() {
  names.clearLayers();
  if (!shown('labels')) return;
  var size = map.getSize(), taken = dotBoxes();
  function place(at, text, kind) {
    var p = map.latLngToContainerPoint(at), w = text.length * 6 + 8;
    if (p.x < w / 2 || p.y < 8 || p.x > size.x - w / 2 || p.y > size.y - 8) return false;
    var hit = taken.some(function (t) { return Math.abs(t[0] - p.x) < (t[2] + w) / 2 && Math.abs(t[1] - p.y) < t[3] / 2 + 7; });
    if (hit && kind === 'road') return false;
    if (hit && taken.some(function (t) { return t[4] && Math.abs(t[0] - p.x) < (t[2] + w) / 2 && Math.abs(t[1] - p.y) < 16; })) return false;
    taken.push([p.x, p.y, w, 14, true]);
    names.addLayer(label(at, text, kind));
    return true;
  }
  drawGrid();
  facts.labels.forEach(function (l) { place(l.at, l.name, l.kind); });
  if (!shown('roads')) return;
  highways.forEach(function (road) {
    if (road.metres / metresPerPixel() > 40) road.at.some(function (at) { return place(at, road.name, 'road'); });
  });
}

function split() {
  var on = state.compare >= 0, size = map.getSize();
  var corner = map.containerPointToLayerPoint([0, 0]), x = corner.x + size.x * state.divider / 100;
  var edges = { then: [corner.x, x], now: [x, corner.x + size.x] };
  ['cells', 'surface', 'marks', 'zones'].forEach(function (kind) {
    ['now', 'then'].forEach(function (side) {
      var e = edges[side], top = corner.y, low = corner.y + size.y;
      map.getPane(kind + side).style.clipPath = on
        ? 'polygon(' + [[e[0], top], [e[1], top], [e[1], low], [e[0], low]].map(function (c) { return c[0] + 'px ' + c[1] + 'px'; }).join(',') + ')'
        : '';
    });
  });
  one('[data-is=seam]').style.left = state.divider + '%';
}

function drawKey() {
  var pixels = cellPixels();
  // one scale for all: where the map's circles are larger than the key has room for, their ratio stays
  var scale = Math.min(1, 10.5 / radius(4, pixels));
  all('[data-class]').forEach(function (dot) {
    dot.setAttribute('r', (scale * radius(Number(dot.dataset.class), pixels)).toFixed(1));
  });
}

function draw(part) {
  drawKey();
  drawCells('now', state.period);
  drawCells('then', state.compare);
  drawZones('now', state.period);
  drawZones('then', state.compare);
  drawSurface('now', state.period);
  drawSurface('then', state.compare);
  drawMarks('now', state.period);
  drawMarks('then', state.compare);
  if (!part || 'off' in part) drawLines();
  drawLabels();
  split();
}

// As high as the area is wide, within reason: no empty paper above and below.
function fitHeight() {
  var nw = L.CRS.EPSG3857.project(area.getNorthWest()), se = L.CRS.EPSG3857.project(area.getSouthEast());
  var box = map.getContainer(), shape = (se.x - nw.x) / (nw.y - se.y);
  var low = box.clientWidth < 600 ? 210 : 280, high = facts.mode === 'embed' ? 340 : Math.max(low, innerHeight * 0.64);
  box.style.height = Math.round(Math.min(high, Math.max(low, (box.clientWidth - rim().left) / shape + 34))) + 'px';
  map.invalidateSize({ animate: false });
}

// Room for the buttons on the left and the degrees below.
function rim() { return { left: map.getContainer().clientWidth < 600 ? 4 : 48, right: 6, low: 22 }; }

function home() {
  var r = rim();
  map.fitBounds(area, { paddingTopLeft: [r.left, 6], paddingBottomRight: [r.right, r.low], animate: false });
}

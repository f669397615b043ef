// Draws the years that the reader chose, from the shapes that Folium laid down.

var map = map_main;
var area = L.latLngBounds([facts.bounds[1], facts.bounds[0]], [facts.bounds[3], facts.bounds[2]]);
var dots = L.layerGroup(), marks = L.layerGroup().addTo(map), zones = L.layerGroup().addTo(map);
var names = L.layerGroup().addTo(map);
var picked = L.layerGroup().addTo(map);
var overlay = null;
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
dots.addTo(map);

function readColours() {
  var style = getComputedStyle(document.documentElement);
  ['land', 'death', 'halo', 'tower', 'site', 'border', 'road', 'area', 'corridor', 'ink', 'paper'].forEach(function (name) {
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

function drawCells(period) {
  dots.clearLayers();
  if (!shown('deaths')) return;
  var pixels = cellPixels();
  cells.forEach(function (cell) {
    var level = cell.properties.c[period];
    if (!level) return;
    var r = radius(level, pixels);
    dots.addLayer(L.circleMarker(cell.at, {
      pane: 'cells', radius: r, interactive: false, stroke: r > 2.4, weight: 0.8,
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

function drawMarks(period) {
  marks.clearLayers();
  if (shown('sites')) {
    shapes.sites.eachLayer(function (layer) {
      marks.addLayer(new Shape(layer.getLatLng(), {
        pane: 'marks', shape: 'square', radius: 4.5, interactive: false,
        weight: 1.2, color: colours.site, fillColor: colours.paper, fillOpacity: 0.9
      }));
    });
  }
  if (!shown('towers')) return;
  shapes.towers.eachLayer(function (layer) {
    var stood = layer.feature.properties.p[period];
    if (!stood) return;
    marks.addLayer(new Shape(layer.getLatLng(), {
      pane: 'marks', shape: 'triangle', radius: 7, interactive: false, weight: 1.4,
      color: stood === 2 ? colours.halo : colours.tower,
      fillColor: stood === 2 ? colours.tower : colours.paper, fillOpacity: 0.95
    }));
  });
}

function drawZones(period) {
  zones.clearLayers();
  if (!shown('towers')) return;
  shapes.zones.eachLayer(function (layer) {
    var p = layer.feature.properties, at = p.p[period];
    if (!at) return;
    var colour = p.older ? colours.corridor : colours.tower;
    zones.addLayer(L.geoJSON(layer.feature, { pane: 'zones', interactive: false, style: {
      color: colour, weight: 1.4, opacity: 0.9, dashArray: at === 2 && !p.older ? null : '5 4',
      fillColor: colour, fillOpacity: at === 2 && !p.older ? 0.2 : 0.06
    } }));
  });
}

function drawSurface(period) {
  var name = state.surface, wanted = null;
  if (name) {
    var number = facts.surfaces[name].periods[period];
    if (number >= 0) wanted = pictures[name][number];
  }
  if (overlay && overlay.from === wanted) return;
  if (overlay) overlay.remove();
  overlay = null;
  if (!wanted) return;
  var picture = L.imageOverlay(wanted._url, wanted.getBounds(), {
    pane: 'surface', alt: wanted.options.alt, className: 'surface', interactive: false
  });
  picture.from = wanted;
  overlay = picture.addTo(map);
}

// Of states and counties the boundary alone; protected and tribal land have a ground of their own.
function areaLook(feature) {
  var looks = {
    state: { weight: 1.6, dashArray: '8 4 1.5 4', fill: false },
    county: { weight: 1, dashArray: '1.5 4', fill: false },
    'protected': { weight: 0.8, fillOpacity: 0.1 },
    tribal: { weight: 1, dashArray: '5 3', fillOpacity: 0.16 }
  };
  return Object.assign({ color: colours.area, fillColor: colours.area, opacity: 0.9 }, looks[feature.properties.kind]);
}

function drawLines() {
  ground.setStyle({ fillColor: colours.land });
  var looks = {
    border: { color: colours.border, weight: 1.8, opacity: 1 },
    roads: { color: colours.road, weight: 1.1, opacity: 0.85 },
    corridors: { color: colours.corridor, weight: 1, dashArray: '4 4', fill: false }
  };
  ['areas', 'corridors', 'roads', 'border'].forEach(function (name) {
    if (name !== 'border' && !shown(name === 'corridors' ? name : 'places')) { shapes[name].remove(); return; }
    shapes[name].setStyle(name === 'areas' ? areaLook : looks[name]).addTo(map);
  });
}

function metresPerPixel() {
  return 40075016 * Math.cos(map.getCenter().lat * Math.PI / 180) / (256 * Math.pow(2, map.getZoom()));
}

// What stands on the map already: names give way to it where they can.
function dotBoxes() {
  var boxes = [], pixels = cellPixels();
  if (shown('towers')) shapes.towers.eachLayer(function (layer) {
    var p = map.latLngToContainerPoint(layer.getLatLng());
    if (layer.feature.properties.p[state.period]) boxes.push([p.x, p.y, 13, 13, false]);
  });
  return !shown('deaths') ? boxes : boxes.concat(cells.filter(function (cell) { return cell.properties.c[state.period]; }).map(function (cell) {
    var p = map.latLngToContainerPoint(cell.at), r = radius(cell.properties.c[state.period], pixels);
    return [p.x, p.y, 2 * r, 2 * r, false];
  }));
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

// As wide as the browser will set it: the sizes are those of the style sheet.
var ruler = document.createElement('canvas').getContext('2d');
var letters = { city: '600 0.84', road: '0.68', state: '0.68', county: '0.68', tribal: 'italic 0.74', 'protected': 'italic 0.74' };
function textWidth(text, kind) {
  var style = getComputedStyle(document.documentElement), rem = parseFloat(style.fontSize);
  var parts = (letters[kind] || '0.76').split(' '), size = rem * Number(parts.pop());
  ruler.font = parts.concat(size + 'px', style.getPropertyValue('--sans')).join(' ');
  var spaced = kind === 'state' || kind === 'county' ? 0.08 * size * text.length : 0;
  return ruler.measureText(text).width + spaced + 8;
}

// Buttons, scale and stamp lie over the map: no name stands below them.
function furniture() {
  var frame = map.getContainer().getBoundingClientRect();
  return all('.zoom, .stamp, .leaflet-control-scale').map(function (part) {
    var r = part.getBoundingClientRect();
    return [r.left - frame.left + r.width / 2, r.top - frame.top + r.height / 2, r.width, r.height, true];
  });
}

// The first names may cover marks, so that a reader always finds a way; the others stand clear of
// all, and of a town near a larger one there is no name until the reader comes closer.
var FIRST = 2, APART = 62, PIXELS_A_NAME = 12000;
var live = ['city', 'town', 'village'];

// Names never overlap: the first of two that would is kept, and places come before roads.
function drawLabels() {
  names.clearLayers();
  if (!shown('places')) return;
  var size = map.getSize(), taken = dotBoxes().concat(furniture()), towns = [], count = { road: 0, other: 0 };
  var most = Math.max(6, size.x * size.y / PIXELS_A_NAME);
  function free(x, y, w, marks) {
    if (x < w / 2 || y < 8 || x > size.x - w / 2 || y > size.y - 8) return false;
    return !taken.some(function (t) { return (marks || t[4]) && Math.abs(t[0] - x) < (t[2] + w) / 2 && Math.abs(t[1] - y) < (t[3] + 14) / 2; });
  }
  function place(at, text, kind) {
    var p = map.latLngToContainerPoint(at), town = live.indexOf(kind) >= 0;
    // highways have places of their own, so that towns leave them some
    var sort = kind === 'road' ? 'road' : 'other';
    if (count[sort] >= (kind === 'road' ? most / 2 : most) || (town && towns.some(function (t) { return t.distanceTo(p) < APART; }))) return false;
    var w = textWidth(text, kind);
    var spots = kind === 'road' ? [[0, 0]] : [[0, 0], [0, -13], [0, 13], [w / 2 + 6, 0], [-w / 2 - 6, 0], [0, -22], [0, 22]];
    var spot = spots.find(function (s) { return free(p.x + s[0], p.y + s[1], w, true); });
    if (!spot && town && towns.length < FIRST) spot = spots.find(function (s) { return free(p.x + s[0], p.y + s[1], w, false); });
    if (!spot) return false;
    taken.push([p.x + spot[0], p.y + spot[1], w, 14, true]);
    if (town) towns.push(p);
    count[sort] += 1;
    names.addLayer(label(map.containerPointToLatLng([p.x + spot[0], p.y + spot[1]]), text, kind));
    return true;
  }
  facts.labels.forEach(function (l) { place(l.at, l.name, l.kind); });
  highways.forEach(function (road) {
    if (road.metres / metresPerPixel() > 40) road.at.some(function (at) { return place(at, road.name, 'road'); });
  });
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
  drawCells(state.period);
  drawZones(state.period);
  drawSurface(state.period);
  drawMarks(state.period);
  if (!part || 'off' in part) drawLines();
  drawLabels();
}

// As high as the area is wide, within reason: no empty paper above and below.
function fitHeight() {
  var nw = L.CRS.EPSG3857.project(area.getNorthWest()), se = L.CRS.EPSG3857.project(area.getSouthEast());
  var box = map.getContainer(), shape = (se.x - nw.x) / (nw.y - se.y);
  var low = box.clientWidth < 600 ? 210 : 280, high = facts.mode === 'embed' ? 340 : Math.max(low, innerHeight * 0.64);
  box.style.height = Math.round(Math.min(high, Math.max(low, (box.clientWidth - rim().left) / shape + 34))) + 'px';
  // a frame is as high as the longest lines need: what is left over goes to the map, but for two
  // lines by which what stands below grows when it is filled
  var spare = facts.mode === 'embed' && !facts.resize ? innerHeight - Math.ceil(document.body.getBoundingClientRect().height) - 46 : 0;
  if (spare > 0) box.style.height = Math.round(parseFloat(box.style.height) + Math.min(spare, 200)) + 'px';
  map.invalidateSize({ animate: false });
}

// Room for the buttons on the left and the degrees below.
function rim() { return { left: map.getContainer().clientWidth < 600 ? 4 : 48, right: 6, low: 22 }; }

function home() {
  var r = rim();
  map.fitBounds(area, { paddingTopLeft: [r.left, 6], paddingBottomRight: [r.right, r.low], animate: false });
}

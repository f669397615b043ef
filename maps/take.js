// Charts as files, links and print: whatever a newsroom takes away carries its source with it.

var LOOKS = ['fill', 'fill-opacity', 'stroke', 'stroke-width', 'stroke-opacity', 'stroke-dasharray',
  'opacity', 'font-family', 'font-size', 'font-weight', 'letter-spacing'];
var SVG = 'http://www.w3.org/2000/svg';

function shape(name, parts, text) {
  var made = document.createElementNS(SVG, name);
  Object.keys(parts).forEach(function (key) { made.setAttribute(key, parts[key]); });
  if (text) made.textContent = text;
  return made;
}

// A drawing gets its looks from the page's style sheet: the copy carries them itself.
function dressed(drawing) {
  var copy = drawing.cloneNode(true);
  var from = drawing.querySelectorAll('*'), to = copy.querySelectorAll('*');
  from.forEach(function (element, i) {
    var look = getComputedStyle(element);
    LOOKS.forEach(function (key) { to[i].setAttribute(key, look.getPropertyValue(key)); });
    ['class', 'tabindex', 'role', 'data-corridor', 'data-period', 'aria-label'].forEach(function (key) { to[i].removeAttribute(key); });
  });
  ['class', 'role', 'aria-label', 'focusable'].forEach(function (key) { copy.removeAttribute(key); });
  return copy;
}

function wrapped(text, letters) {
  var lines = [''];
  text.split(/\s+/).forEach(function (word) {
    var last = lines.length - 1;
    if ((lines[last] + ' ' + word).length > letters && lines[last]) lines.push(word);
    else lines[last] = (lines[last] + ' ' + word).trim();
  });
  return lines;
}

// Title, every chart of the part with its own title, and who says so, on one sheet.
function sheet(part) {
  var charts = Array.prototype.filter.call(part.querySelectorAll('svg[viewBox]:not(.swatch)'), function (s) { return s.checkVisibility(); });
  var sizes = charts.map(function (s) { return s.viewBox.baseVal; });
  var columns = Math.min(charts.length, sizes[0].width > 400 ? 1 : 2), wide = 900, gap = 24;
  var own = Math.min(sizes[0].width * 1.4, (wide - gap * (columns + 1)) / columns);
  if (columns === 1) own = wide - 2 * gap;
  var look = getComputedStyle(document.documentElement), y = 34;
  var ink = look.getPropertyValue('--ink').trim(), soft = look.getPropertyValue('--soft').trim();
  var whole = shape('svg', { xmlns: SVG, width: wide });
  var paper = shape('rect', { width: wide, fill: look.getPropertyValue('--paper').trim() });
  var head = part.querySelector('h2, figcaption').textContent.trim().replace(/\s+/g, ' ');
  if (part.matches('.central')) head = one('h1').textContent.trim() + '. ' + head;
  whole.append(shape('title', {}, head), shape('desc', {}, charts.map(function (s) { return s.getAttribute('aria-label'); }).join(' ')), paper);
  function say(text, size, colour, x) {
    whole.append(shape('text', { x: x || gap, y: y, 'font-family': 'system-ui, sans-serif', 'font-size': size, fill: colour }, text));
  }
  wrapped(facts.synthetic ? facts.synthetic + '. ' + head : head, 82).forEach(function (line) { say(line, 18, ink); y += 24; });
  for (var i = 0; i < charts.length; i += columns) {
    var tall = 0, top = y;
    for (var j = i; j < Math.min(i + columns, charts.length); j += 1) {
      var x = gap + (j - i) * (own + gap), caption = charts[j].closest('figure').querySelector('figcaption');
      var high = own * sizes[j].height / sizes[j].width, copy = dressed(charts[j]);
      y = top + 8;
      if (caption && columns > 1) say(caption.textContent.trim(), 13, ink, x);
      y = top + (caption && columns > 1 ? 16 : 0);
      Object.entries({ x: x, y: y, width: own, height: high }).forEach(function (e) { copy.setAttribute(e[0], e[1]); });
      whole.append(copy);
      tall = Math.max(tall, y + high - top);
    }
    y = top + tall + 18;
  }
  y += 8;
  facts.credit.forEach(function (text) { wrapped(text, 140).forEach(function (line) { say(line, 12, soft); y += 16; }); });
  whole.setAttribute('height', Math.ceil(y));
  whole.setAttribute('viewBox', '0 0 ' + wide + ' ' + Math.ceil(y));
  paper.setAttribute('height', Math.ceil(y));
  return new XMLSerializer().serializeToString(whole);
}

function save(blob, name) {
  var link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = facts.name + '-' + name;
  link.click();
  setTimeout(function () { URL.revokeObjectURL(link.href); }, 10000);
}

function savePicture(text, name) {
  var image = new Image();
  image.onload = function () {
    var canvas = document.createElement('canvas');
    canvas.width = image.naturalWidth * 2;
    canvas.height = image.naturalHeight * 2;
    canvas.getContext('2d').drawImage(image, 0, 0, canvas.width, canvas.height);
    canvas.toBlob(function (blob) { save(blob, name); }, 'image/png');
  };
  image.src = 'data:image/svg+xml;charset=utf-8,' + encodeURIComponent(text);
}

all('[data-as]').forEach(function (button) {
  button.addEventListener('click', function () {
    var box = button.closest('[data-take]'), text = sheet(box.closest('section.prose, figure')), name = box.dataset.take;
    if (button.dataset.as === 'svg') save(new Blob([text], { type: 'image/svg+xml' }), name + '.svg');
    else savePicture(text, name + '.png');
  });
});

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
    save(new Blob(['\ufeff' + csv(rows)], { type: 'text/csv' }), button.dataset.csv + '.csv');
  });
});

// The address holds the whole state; it is shown as well, for browsers that keep the clipboard shut.
function shareLink() {
  var field = one('#link');
  field.hidden = false;
  field.value = location.href;
  field.select();
  if (navigator.clipboard) navigator.clipboard.writeText(field.value).catch(function () { field.focus(); });
}

// On paper nothing can be unfolded: everything is open, and folded again for the screen.
var unfolded = [];
addEventListener('beforeprint', function () {
  unfolded = all('details:not([open])');
  unfolded.forEach(function (part) { part.open = true; });
});
addEventListener('afterprint', function () { unfolded.forEach(function (part) { part.open = false; }); });

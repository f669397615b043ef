// Where every line of text of a page stands, which lie on one another, and which are cut.
() => {
  const TOLERATED = 1.5, INK = 0.3; // of a line, ascent and descent hold no ink
  const wide = document.documentElement.clientWidth, problems = [];
  const block = (node) => {
    let e = node.parentElement;
    while (/^(inline|contents)/.test(getComputedStyle(e).display) && !e.closest('svg text')) e = e.parentElement;
    return e.closest('svg text') || e;
  };
  const clips = (e) => {
    const found = [];
    for (let up = e; up && up !== document.body; up = up.parentElement) {
      const look = getComputedStyle(up);
      if (look.overflow !== 'visible' && !up.matches('svg svg, g, text, tspan')) {
        found.push([up.getBoundingClientRect(), /auto|scroll/.test(look.overflow)]);
      }
    }
    return found;
  };
  const lines = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const node = walk.currentNode, words = node.textContent.trim(), e = node.parentElement;
    if (!words || e.closest('script, style, title, option, .unseen, .skip:not(:focus)')) continue;
    if (!e.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    const around = clips(e), own = block(node);
    for (const r of range.getClientRects()) {
      if (r.width < 1 || r.height < 1) continue;
      let box = { left: r.left, top: r.top, right: r.right, bottom: r.bottom }, scrolled = false;
      for (const [frame, scrolls] of around) {
        if (scrolls) {
          box = { left: Math.max(box.left, frame.left), top: Math.max(box.top, frame.top),
            right: Math.min(box.right, frame.right), bottom: Math.min(box.bottom, frame.bottom) };
          scrolled = true;
        } else if (!scrolled && (box.left < frame.left - TOLERATED || box.right > frame.right + TOLERATED
            || box.top < frame.top - TOLERATED || box.bottom > frame.bottom + TOLERATED)) {
          problems.push('cut: ' + words.slice(0, 60));
        }
      }
      if (box.right - box.left < 1 || box.bottom - box.top < 1) continue;
      if (!scrolled && (box.left < -TOLERATED || box.right > wide + TOLERATED)) problems.push('beyond the page: ' + words.slice(0, 60));
      lines.push({ ...box, own, words });
    }
  }
  for (const chosen of document.querySelectorAll('select')) {
    const look = getComputedStyle(chosen), pen = document.createElement('canvas').getContext('2d');
    pen.font = look.font;
    const room = chosen.clientWidth - parseFloat(look.paddingLeft) - parseFloat(look.paddingRight);
    for (const o of chosen.options) {
      if (chosen.checkVisibility() && pen.measureText(o.text).width > room) problems.push('cut: ' + o.text);
    }
  }
  lines.sort((a, b) => a.top - b.top);
  lines.forEach((a, n) => {
    for (let m = n + 1; m < lines.length && lines[m].top < a.bottom; m += 1) {
      const b = lines[m];
      if (a.own === b.own) continue;
      const across = Math.min(a.right, b.right) - Math.max(a.left, b.left);
      const down = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
      if (across > TOLERATED && down > INK * Math.min(a.bottom - a.top, b.bottom - b.top)) {
        problems.push('overlap: ' + a.words.slice(0, 40) + ' / ' + b.words.slice(0, 40));
      }
    }
  });
  return { lines: lines.length, problems };
}

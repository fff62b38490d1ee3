// The part of a chart that runs in the browser. It is written into the output
// between "(function (key, spec) {" and "})(…)", so that each output is complete
// and two versions in one page do not meet. Until it has drawn a chart, and
// wherever it cannot, the picture that the output holds stays in view.
"use strict";

// ---- the charting scripts: from the page, else from beside the kernel --------

const shared = window.nnfieldScripts = window.nnfieldScripts || {};

function script(name, dependency) {
  shared[name] = shared[name] || source(name).then(text => {
    // As a CommonJS module: a notebook's own module loader does not get hold of it.
    const module = { exports: {} };
    new Function("exports", "module", "define", "require", text)(module.exports, module, undefined, () => dependency);
    return module.exports;
  });
  shared[name].catch(() => { delete shared[name]; }); // a later chart may try again
  return shared[name];
}

async function source(name) {
  await ready;
  const inline = document.getElementById("nnfield-" + name);
  if (inline) return new Response(inflate(inline.textContent)).text();
  const config = document.getElementById("jupyter-config-data");
  const base = document.body.dataset.baseUrl || config && JSON.parse(config.textContent).baseUrl;
  if (!base) throw new Error("no script " + name + " in this page");
  const answer = await fetch(base + "kernelspecs/nnfield/" + name + ".min.js");
  if (!answer.ok) throw new Error("no script " + name + " at the kernel");
  return answer.text();
}

const ready = document.readyState !== "loading" ? Promise.resolve()
  : new Promise(done => document.addEventListener("DOMContentLoaded", done, { once: true }));

function bytes(base64) {
  return Uint8Array.from(atob(base64), c => c.charCodeAt(0));
}

function inflate(base64) {
  return new Blob([bytes(base64)]).stream().pipeThrough(new DecompressionStream("gzip"));
}

// ---- fields: see encode in field.go -------------------------------------------

const NAN = 65535, PLUS = 65534, MINUS = 65533;

async function unpack(f) {
  const packed = new Uint8Array(await new Response(inflate(f.codes)).arrayBuffer());
  const n = packed.length / 2, code = new Uint16Array(n);
  for (let i = 0, last = 0; i < n; i++) code[i] = last = last + (packed[i] << 8 | packed[n + i]) & 65535;
  const nx = f.x.length - 1, ny = f.y.length - 1;
  const value = c => c === NAN ? NaN : c === PLUS ? Infinity : c === MINUS ? -Infinity
    : f.table ? f.table[c] : f.low + c * f.step;
  return {
    nx, ny, x: f.x, y: f.y, code, limits: f.limits,
    frames: n / (nx * ny),
    centreX: i => (f.x[i] + f.x[i + 1]) / 2,
    centreY: j => (f.y[j] + f.y[j + 1]) / 2,
    at: (frame, j, i) => value(code[(frame * ny + j) * nx + i]),
    text: v => f.table || !isFinite(v) ? number(v, 6) : number(v, 6, f.step),
    levels: levels(f, value),
  };
}

// levels returns, for the limits of a frame, the palette entry of every code.
function levels(f, value) {
  const known = new Map();
  return frame => {
    const [lo, hi] = f.limits[Math.min(frame, f.limits.length - 1)], key = lo + "|" + hi;
    if (!known.has(key)) {
      const of = new Uint8Array(65536);
      for (let c = 0; c < 65533; c++) {
        const t = (value(c) - lo) / (hi - lo);
        of[c] = Math.min(Math.max(t, 0), 1) * 254 + 0.5;
      }
      of[PLUS] = 254; of[MINUS] = 0; of[NAN] = 255;
      known.set(key, of);
    }
    return known.get(key);
  };
}

// find returns the cell, between ascending edges, that holds v.
function find(edges, v) {
  let a = 0, b = edges.length - 1;
  while (b - a > 1) {
    const m = a + b >> 1;
    if (edges[m] <= v) a = m; else b = m;
  }
  return a;
}

// covered returns the first and the last cell that each pixel covers of the
// range from lo to hi.
function covered(edges, lo, hi, pixels) {
  const out = new Int32Array(2 * pixels), per = (hi - lo) / pixels;
  for (let p = 0; p < pixels; p++) {
    const ends = [find(edges, lo + per * p), find(edges, lo + per * (p + 1))].sort((a, b) => a - b);
    if (ends[1] - ends[0] < 2) ends[0] = ends[1] = find(edges, lo + per * (p + 0.5));
    out.set(ends, 2 * p);
  }
  return out;
}

// paint draws a frame of a field, seen through a window, on a new canvas of w×h
// pixels. A pixel that covers several cells shows the one farthest from the
// middle of the colours, or NaN.
function paint(field, frame, w, h, x0, x1, y0, y1) {
  const canvas = document.createElement("canvas");
  canvas.width = w; canvas.height = h;
  const context = canvas.getContext("2d"), image = context.createImageData(w, h);
  const pixels = new Uint32Array(image.data.buffer);
  const level = field.levels(frame), columns = covered(field.x, x0, x1, w), rows = covered(field.y, y0, y1, h);
  const first = frame * field.nx * field.ny;
  for (let row = 0, p = 0; row < h; row++) {
    for (let column = 0; column < w; column++, p++) {
      let best = -1, shown = 0;
      for (let j = rows[2 * row]; j <= rows[2 * row + 1]; j++) {
        for (let i = columns[2 * column]; i <= columns[2 * column + 1]; i++) {
          const l = level[field.code[first + j * field.nx + i]];
          const far = l === 255 ? 256 : Math.abs(l - 127);
          if (far > best) { best = far; shown = l; }
        }
      }
      pixels[p] = palette[shown];
    }
  }
  context.putImageData(image, 0, 0);
  return canvas;
}

// palette holds 255 colours and that of NaN, as pixels of a canvas.
const palette = function () {
  const rgb = bytes(spec.palette), of = new Uint32Array(256), view = new DataView(of.buffer);
  for (let i = 0; i < 256; i++) {
    for (let c = 0; c < 3; c++) view.setUint8(4 * i + c, rgb[3 * i + c]);
    view.setUint8(4 * i + 3, 255);
  }
  return of;
}();

function colour(i) {
  const p = new Uint8Array(palette.buffer, 4 * i, 3);
  return "rgb(" + p.join() + ")";
}

// ---- words ----------------------------------------------------------------------

// number writes a value with that many significant digits, and none below a step.
function number(v, digits, step) {
  if (!isFinite(v)) return String(v).replace("-", "−").replace("Infinity", "∞");
  if (step > 0 && Math.abs(v) < step / 2) v = 0;
  if (step > 0 && v !== 0) digits = Math.min(Math.max(1 + Math.floor(Math.log10(Math.abs(v))) - Math.floor(Math.log10(step)) - 1, 1), digits);
  const size = Math.abs(v);
  const text = v === 0 || size >= 1e-4 && size < 1e6 ? String(+v.toPrecision(digits)) : v.toExponential(Math.min(digits - 1, 3));
  const [mantissa, exponent] = text.split("e");
  return String(+mantissa).replace("-", "−") + (exponent ? "·" + power(exponent) : "");
}

// power writes a power of ten.
function power(exponent) {
  return "10" + String(exponent).replace("+", "").replace(/./g, c => "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"["-0123456789".indexOf(c)]);
}

function element(tag, style, text) {
  const e = document.createElement(tag);
  e.style.cssText = style || "";
  if (text) e.textContent = text;
  return e;
}

// ---- the stage: canvas, controls and what is read off ---------------------------

function stage(home, echarts) {
  const box = element("div", "width:" + spec.width + "px;font:13px sans-serif;color:#1a1a1a;background:#fff");
  box.tabIndex = 0;
  box.setAttribute("role", "figure");
  box.setAttribute("aria-label", spec.title);
  const place = element("div", "width:" + spec.width + "px;height:" + spec.height + "px");
  const controls = element("div", "display:flex;align-items:center;gap:8px;padding:0 12px");
  const reading = element("output", "display:block;min-height:1.4em;padding:2px 12px;font-variant-numeric:tabular-nums");
  const below = element("div", "padding:2px 12px 6px;color:#696969;font-size:11px;line-height:1.35", spec.caption);
  box.append(place, controls, reading, below);
  home.append(box);
  const chart = echarts.init(place, null, { renderer: "canvas", width: spec.width, height: spec.height });
  return { box, place, controls, reading, chart, echarts };
}

// player adds what chooses a frame and calls show(frame) for it: a button, a
// slider and the frame's name, or a list if the frames are no sequence.
function player(s, show) {
  const names = spec.frames;
  if (!names || names.length < 2) { show(0); return; }
  const name = element("output", "min-width:7em;font-variant-numeric:tabular-nums");
  if (spec.list) {
    const list = element("select", "font:inherit");
    names.forEach(n => list.append(new Option(n)));
    list.setAttribute("aria-label", "part");
    list.onchange = () => show(list.selectedIndex);
    s.controls.append(list);
    show(0);
    return;
  }
  const button = element("button", "font:inherit;width:2.4em", "▶");
  const slider = element("input", "flex:1");
  button.setAttribute("aria-label", "play");
  slider.type = "range"; slider.min = 0; slider.max = names.length - 1; slider.step = 1; slider.value = spec.start || 0;
  slider.setAttribute("aria-label", "frame");
  let timer = 0;
  const go = () => { name.textContent = names[+slider.value]; show(+slider.value); };
  const stop = () => { clearInterval(timer); timer = 0; button.textContent = "▶"; button.setAttribute("aria-label", "play"); };
  slider.oninput = () => { stop(); go(); };
  button.onclick = () => {
    if (timer) { stop(); return; }
    if (+slider.value === names.length - 1) slider.value = 0;
    button.textContent = "❚❚"; button.setAttribute("aria-label", "pause");
    timer = setInterval(() => {
      if (!s.box.isConnected) { stop(); return; } // the output was cleared
      slider.value = +slider.value + 1;
      go();
      if (+slider.value === names.length - 1) stop();
    }, 60);
  };
  s.controls.append(button, slider, name);
  go();
}

// draw sets the option of the chart, with what JSON cannot say.
function draw(s, images) {
  const option = spec.option;
  for (const axis of [...option.xAxis, ...option.yAxis]) {
    axis.axisLabel = Object.assign({ formatter: v => number(v, 6), hideOverlap: true, color: "#1a1a1a" }, axis.axisLabel);
    axis.axisLine = { show: false, onZero: false, lineStyle: { color: "#1a1a1a" } };
    axis.axisTick = Object.assign({ show: true }, axis.axisTick);
    axis.splitLine = { show: false };
    axis.nameTextStyle = { color: "#1a1a1a" };
    axis.nameLocation = "middle";
  }
  for (const i of spec.powers || []) Object.assign(option.yAxis[i], { minInterval: 1 }).axisLabel.formatter = power;
  for (const grid of option.grid) Object.assign(grid, { show: true, borderColor: "#1a1a1a", borderWidth: 1 });
  option.textStyle = { fontFamily: "sans-serif" };
  images.forEach((render, i) => { if (render) option.series[i].renderItem = render; });
  s.chart.setOption(option);
}

// picture returns what renders a field in its grid: the visible part, pixel by pixel.
function picture(field, frame) {
  let last = "", image;
  return (params, api) => {
    const box = params.coordSys, x = field.x, y = field.y;
    const a = api.coord([x[0], y[0]]), b = api.coord([x[x.length - 1], y[y.length - 1]]);
    const atX = p => x[0] + (p - a[0]) * (x[x.length - 1] - x[0]) / (b[0] - a[0]);
    const atY = p => y[0] + (p - a[1]) * (y[y.length - 1] - y[0]) / (b[1] - a[1]);
    const seen = [frame(), atX(box.x), atX(box.x + box.width), atY(box.y), atY(box.y + box.height)];
    if (seen.join() !== last) {
      const dense = Math.max(window.devicePixelRatio || 1, 1);
      image = paint(field, seen[0], Math.round(box.width * dense), Math.round(box.height * dense), ...seen.slice(1));
      last = seen.join();
    }
    return { type: "image", silent: true, style: { image, x: box.x, y: box.y, width: box.width, height: box.height } };
  };
}

// scale returns what renders the colour bar.
function scale() {
  const image = document.createElement("canvas");
  image.width = 1; image.height = 255;
  const context = image.getContext("2d");
  for (let i = 0; i < 255; i++) { context.fillStyle = colour(254 - i); context.fillRect(0, i, 1, 1); }
  return params => {
    const box = params.coordSys;
    return { type: "image", silent: true, style: { image, x: box.x, y: box.y, width: box.width, height: box.height } };
  };
}

// zoomable lets the pointer draw a rectangle in grids to zoom in and
// double-click to see the whole. Zooms name, for each grid, its dataZooms along x
// and y.
function zoomable(s, zooms) {
  const zr = s.chart.getZr();
  let from = null, grid = "", shape = null;
  const inside = e => Object.keys(zooms).find(g => s.chart.containPixel({ gridIndex: +g }, [e.offsetX, e.offsetY]));
  const drop = () => { if (shape) zr.remove(shape); shape = null; from = null; };
  zr.on("mousedown", e => {
    if (e.event.shiftKey || e.event.button) return;
    grid = inside(e);
    if (grid !== undefined) from = [e.offsetX, e.offsetY];
  });
  zr.on("mousemove", e => {
    if (!from) return;
    if (!shape) {
      shape = new s.echarts.graphic.Rect({ silent: true, z: 100, style: { fill: "rgba(0,0,0,0.15)", stroke: "#1a1a1a", lineWidth: 1 } });
      zr.add(shape);
    }
    shape.setShape({ x: Math.min(from[0], e.offsetX), y: Math.min(from[1], e.offsetY), width: Math.abs(e.offsetX - from[0]), height: Math.abs(e.offsetY - from[1]) });
  });
  zr.on("mouseup", e => {
    const start = from;
    drop();
    if (!start) return;
    const a = s.chart.convertFromPixel({ gridIndex: +grid }, start), b = s.chart.convertFromPixel({ gridIndex: +grid }, [e.offsetX, e.offsetY]);
    zooms[grid].forEach((zoom, i) => {
      if (zoom === null || Math.abs([e.offsetX, e.offsetY][i] - start[i]) < 6) return;
      s.chart.dispatchAction({ type: "dataZoom", dataZoomIndex: zoom, startValue: Math.min(a[i], b[i]), endValue: Math.max(a[i], b[i]) });
    });
  });
  zr.on("globalout", drop);
  zr.on("dblclick", () => spec.option.dataZoom.forEach((_, i) => s.chart.dispatchAction({ type: "dataZoom", dataZoomIndex: i, start: 0, end: 100 })));
}

// soon calls f once before the browser next paints, however often it is asked.
function soon(f) {
  let asked = false;
  return () => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => { asked = false; f(); });
  };
}

// ---- kinds of charts ------------------------------------------------------------

const gap = v => isFinite(v) ? v : "-"; // how ECharts spells a missing value
const dashed = { silent: true, symbol: "none", animation: false, label: { show: false }, lineStyle: { type: [4, 3], color: "#1a1a1a", width: 1 } };

const kinds = {
  // An image with a cursor, and the slices through the cursor below and beside
  // it. Series: image, colour bar, slice along x, slice along y, cursor.
  image(s, field) {
    let frame = spec.start || 0, i = field.nx >> 1, j = field.ny >> 1;
    draw(s, [picture(field, () => frame), scale()]);
    const update = soon(() => {
      const x = field.centreX(i), y = field.centreY(j), along = [], up = [];
      for (let k = 0; k < field.nx; k++) along.push([field.centreX(k), gap(field.at(frame, j, k))]);
      for (let k = 0; k < field.ny; k++) up.push([gap(field.at(frame, k, i)), field.centreY(k)]);
      const [lo, hi] = field.limits[Math.min(frame, field.limits.length - 1)], margin = 0.06 * (hi - lo);
      const values = { min: lo - margin, max: hi + margin };
      s.chart.setOption({
        xAxis: [{}, {}, values, {}],
        yAxis: [{}, values, {}, { min: lo, max: hi }],
        series: [{}, {},
          { data: along, markLine: Object.assign({ data: [{ xAxis: x }] }, dashed) },
          { data: up, markLine: Object.assign({ data: [{ yAxis: y }] }, dashed) },
          { markLine: Object.assign({ data: [{ xAxis: x }, { yAxis: y }] }, dashed) }],
      });
      s.reading.textContent = words(spec.names[0], i, x) + ",  " + words(spec.names[1], j, y) + ",  " + spec.symbol + " = " + field.text(field.at(frame, j, i));
    });
    // Neurons are numbered, places have coordinates.
    const words = (name, k, v) => name + " = " + (spec.numbered ? spec.numbered[k] : number(v, 5));
    s.chart.getZr().on("mousemove", e => {
      const pixel = [e.offsetX, e.offsetY];
      for (const grid of [0, 1, 2]) {
        if (!s.chart.containPixel({ gridIndex: grid }, pixel)) continue;
        const at = s.chart.convertFromPixel({ gridIndex: grid }, pixel);
        if (grid !== 2) i = find(field.x, at[0]);
        if (grid !== 1) j = find(field.y, at[1]);
        update();
      }
    });
    const up = spec.option.yAxis[0].inverse ? -1 : 1;
    s.box.addEventListener("keydown", e => {
      const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, up], ArrowDown: [0, -up] }[e.key];
      if (!step || e.target !== s.box) return;
      e.preventDefault();
      e.stopPropagation(); // the notebook would leave the cell
      i = Math.min(Math.max(i + step[0], 0), field.nx - 1);
      j = Math.min(Math.max(j + step[1], 0), field.ny - 1);
      update();
    });
    zoomable(s, { 0: [0, 1], 1: [0, null], 2: [null, 1] });
    player(s, f => { frame = f; update(); });
  },

  // A curve that moves. Series: the first frame, the curve.
  curve(s, field) {
    draw(s, []);
    const data = frame => {
      const out = [];
      for (let k = 0; k < field.nx; k++) out.push([field.centreX(k), gap(field.at(0, frame, k))]);
      return out;
    };
    let frame = spec.start || 0, i = field.nx >> 1;
    s.chart.setOption({ series: [{ data: data(0) }] });
    const update = soon(() => {
      s.chart.setOption({ series: [{}, { data: data(frame), markLine: Object.assign({ data: [{ xAxis: field.centreX(i) }] }, dashed) }] });
      s.reading.textContent = spec.names[0] + " = " + number(field.centreX(i), 5) + ",  " + spec.symbol + " = " + field.text(field.at(0, frame, i));
    });
    s.chart.getZr().on("mousemove", e => {
      if (!s.chart.containPixel({ gridIndex: 0 }, [e.offsetX, e.offsetY])) return;
      i = find(field.x, s.chart.convertFromPixel({ gridIndex: 0 }, [e.offsetX, e.offsetY])[0]);
      update();
    });
    zoomable(s, { 0: [0, 1] });
    player(s, f => { frame = f; update(); });
  },

  // A surface over a plane.
  surface(s, field) {
    const option = spec.option;
    const colours = [];
    for (let k = 0; k <= 254; k += 254 / 16) colours.push(colour(Math.round(k)));
    option.visualMap.inRange = { color: colours };
    // The ends of an axis have a number if it is a short one: others would lie on
    // those beside them.
    for (const axis of [option.xAxis3D, option.yAxis3D, option.zAxis3D]) {
      axis.axisLabel = { formatter: v => (v === axis.min || v === axis.max) && +v.toPrecision(2) !== v ? "" : number(v, 4) };
    }
    option.visualMap.text = [option.visualMap.max, option.visualMap.min].map(v => number(v, 3));
    s.chart.setOption(option);
    player(s, frame => {
      const data = [];
      for (let j = 0; j < field.ny; j++) {
        for (let i = 0; i < field.nx; i++) data.push([field.centreX(i), field.centreY(j), gap(field.at(frame, j, i))]);
      }
      s.chart.setOption({ series: [{ data, dataShape: [field.ny, field.nx] }] });
    });
  },

  // Points and the wave that each stands for. Series: theory, points, error,
  // wave, its values at the sites, the chosen point, its error.
  dispersion(s) {
    draw(s, []);
    const points = spec.points;
    let chosen = spec.start;
    const update = soon(() => {
      const p = points[chosen], wave = [], sites = [];
      for (let k = 0; k <= 400; k++) wave.push([spec.length * k / 400, Math.cos(p.k * spec.length * k / 400)]);
      for (let k = 0; k < spec.sites; k++) sites.push([spec.length * k / spec.sites, Math.cos(p.k * spec.length * k / spec.sites)]);
      s.chart.setOption({ series: [{}, {}, {}, { data: wave }, { data: sites }, { data: [[p.k, p.measured]] }, { data: p.error > 0 ? [[p.k, Math.log10(p.error)]] : [] }] });
      s.reading.textContent = "k = " + number(p.k, 5) + ",  λ = " + (p.k ? number(2 * Math.PI / Math.abs(p.k), 5) : "∞") +
        ",  ω = " + number(p.measured, 8) + " measured, " + number(p.expected, 8) + " expected,  |Δω| = " + number(p.error, 2);
    });
    const choose = k => {
      const near = (a, b) => Math.abs(points[b].k - k) < Math.abs(points[a].k - k) ? b : a;
      chosen = points.map((_, i) => i).reduce(near);
      update();
    };
    s.chart.getZr().on("mousemove", e => {
      for (const grid of [0, 1]) {
        const pixel = [e.offsetX, e.offsetY];
        if (s.chart.containPixel({ gridIndex: grid }, pixel)) choose(s.chart.convertFromPixel({ gridIndex: grid }, pixel)[0]);
      }
    });
    zoomable(s, { 0: [0, 1], 1: [0, null] });
    update();
  },
};

// ---- start ------------------------------------------------------------------------

async function start(home) {
  const picture = home.firstElementChild;
  let s;
  try {
    const echarts = await script("echarts");
    if (spec.gl) await script("echarts-gl", echarts);
    const field = spec.field && await unpack(spec.field);
    s = stage(home, echarts);
    kinds[spec.kind](s, field);
    picture.style.display = "none"; // "hidden" yields to the style sheets of notebooks
  } catch (error) {
    if (s) s.box.remove();
    console.info("nnfield: the picture stays:", error.message);
  }
}

// A front end may run this before it puts the output into the page, and the same
// chart may be in it twice.
(function look(tries) {
  const homes = document.querySelectorAll('[data-nnfield="' + key + '"]:not([data-live])');
  for (const home of homes) {
    home.dataset.live = "";
    start(home);
  }
  if (!homes.length && tries) setTimeout(look, 50, tries - 1);
})(40);

// The part of a film that runs in the browser. It is written into the output
// between "(function (key, film) {" and "})(…)". Until it runs, and wherever it
// cannot, the picture of the last frame stays as it is.
"use strict";

const bytes = base64 => Uint8Array.from(atob(base64), c => c.charCodeAt(0));

async function start(home) {
  const packed = new Blob([bytes(film.frames)]).stream().pipeThrough(new DecompressionStream("gzip"));
  const level = new Uint8Array(await new Response(packed).arrayBuffer());
  const rgb = bytes(film.palette), colour = new Uint32Array(256), view = new DataView(colour.buffer);
  for (let i = 0; i < 256; i++) {
    for (let c = 0; c < 3; c++) view.setUint8(4 * i + c, rgb[3 * i + c]);
    view.setUint8(4 * i + 3, 255);
  }

  // The canvas lies on the data of the picture, one pixel a cell, stretched.
  const picture = home.firstElementChild, last = film.names.length - 1, percent = v => 100 * v + "%";
  const place = document.createElement("div"), canvas = document.createElement("canvas");
  place.style.cssText = "position:relative;display:inline-block;max-width:100%;line-height:0";
  picture.style.maxWidth = "100%";
  picture.style.height = "auto";
  canvas.width = film.nx;
  canvas.height = film.ny;
  canvas.style.cssText = "position:absolute;" + (film.sheer ? "mix-blend-mode:multiply" : "image-rendering:pixelated");
  [canvas.style.left, canvas.style.top, canvas.style.width, canvas.style.height] = film.area.map(percent);
  const context = canvas.getContext("2d"), image = context.createImageData(film.nx, film.ny);
  const pixels = new Uint32Array(image.data.buffer);

  const controls = document.createElement("div");
  controls.style.cssText = "display:flex;align-items:center;gap:8px;max-width:100%;padding:4px 12px;box-sizing:border-box;font:13px sans-serif;width:" + picture.width + "px";
  const button = document.createElement("button"), slider = document.createElement("input"), name = document.createElement("output");
  button.style.cssText = "font:inherit;width:2.4em";
  slider.type = "range"; slider.min = 0; slider.max = last; slider.step = 1; slider.value = last;
  slider.style.flex = 1;
  slider.setAttribute("aria-label", "frame");
  name.style.cssText = "min-width:7em;font-variant-numeric:tabular-nums";
  controls.append(button, slider, name);

  let timer = 0;
  const show = frame => {
    slider.value = frame;
    name.textContent = film.names[frame];
    const from = frame * pixels.length;
    for (let i = 0; i < pixels.length; i++) pixels[i] = colour[level[from + i]];
    context.putImageData(image, 0, 0);
  };
  const stop = () => {
    clearInterval(timer);
    timer = 0;
    button.textContent = "▶";
    button.setAttribute("aria-label", "play");
  };
  const play = () => {
    if (+slider.value === last) show(0);
    button.textContent = "❚❚";
    button.setAttribute("aria-label", "pause");
    timer = setInterval(() => {
      if (!home.isConnected) { stop(); return; } // the output was cleared
      show(Math.min(+slider.value + 1, last));
      if (+slider.value === last) stop();
    }, film.pause);
  };
  button.onclick = () => timer ? stop() : play();
  slider.oninput = () => { stop(); show(+slider.value); };
  home.tabIndex = 0;
  home.addEventListener("keydown", e => {
    const now = +slider.value;
    const to = { ArrowLeft: now - 1, ArrowRight: now + 1, Home: 0, End: last }[e.key];
    if (to === undefined && e.key !== " " || e.ctrlKey || e.metaKey || e.altKey) return;
    if (e.key === " " && e.target === button) return; // it answers by itself
    e.preventDefault();
    e.stopPropagation(); // the notebook would leave the cell
    if (e.key === " ") { button.onclick(); return; }
    stop();
    show(Math.min(Math.max(to, 0), last));
  });

  stop();
  show(last);
  if (film.sheer) { // a curve lies upon the axes: without the one in the picture
    picture.src = film.sheer;
    await picture.decode();
  }
  picture.replaceWith(place);
  place.append(picture, canvas);
  home.lastElementChild.replaceWith(controls); // what said which frame it is
}

// A front end may run this before it puts the output into the page, and the same
// film may be in it twice.
(function look(tries) {
  const homes = document.querySelectorAll('[data-nnfield-film="' + key + '"]:not([data-live])');
  for (const home of homes) {
    home.dataset.live = "";
    start(home).catch(error => console.info("nnfield: the picture stays:", error.message));
  }
  if (!homes.length && tries) setTimeout(look, 50, tries - 1);
})(40);

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { dir, json, launch, open, pixels, sign } from "./browser.js";

let browser;
before(async () => { browser = await launch(); });
after(() => browser.close());

const charts = ["spacetime", "curve", "frames", "surface", "landscape", "weights", "dispersion"];

// chart waits until a page has drawn its chart and returns its element.
async function chart(page) {
  await page.locator("[role=figure] canvas").first().waitFor();
  const box = page.locator("[role=figure] > div").first();
  await settle(page);
  return box;
}

const settle = page => page.evaluate(() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 60)))));

// pixelOf returns where a grid shows a place, in pixels of the chart.
const pixelOf = (page, grid, at) => page.evaluate(async ([grid, at]) => {
  const echarts = await window.nnfieldScripts.echarts;
  return echarts.getInstanceByDom(document.querySelector("[role=figure] > div")).convertToPixel({ gridIndex: grid }, at);
}, [grid, at]);

const series = (page, i) => page.evaluate(async i => {
  const echarts = await window.nnfieldScripts.echarts;
  return echarts.getInstanceByDom(document.querySelector("[role=figure] > div")).getOption().series[i].data;
}, i);

async function point(page, box, [x, y]) {
  const at = await box.boundingBox();
  await page.mouse.move(at.x + x, at.y + y);
  await settle(page);
}

async function drag(page, box, from, to) {
  const at = await box.boundingBox();
  await page.mouse.move(at.x + from[0], at.y + from[1]);
  await page.mouse.down();
  await page.mouse.move(at.x + (from[0] + to[0]) / 2, at.y + (from[1] + to[1]) / 2);
  await page.mouse.move(at.x + to[0], at.y + to[1]);
  await page.mouse.up();
  await settle(page);
}

const reading = page => page.locator("[role=figure] > output").textContent();
const numbers = text => [...text.matchAll(/= ([−\d.]+)(?:·10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+))?/g)].map(m => +(m[1].replace("−", "-") +
  (m[2] ? "e" + m[2].replace(/./g, c => "-0123456789"["⁻⁰¹²³⁴⁵⁶⁷⁸⁹".indexOf(c)]) : "")));

// agree checks, at places where the field is large, that the picture has the
// colour of its sign, and returns how many places it looked at.
async function agree(page, box, grid, places) {
  const seen = await pixels(page, box);
  let n = 0;
  for (const { x, y, v, inside = () => true } of places) {
    const [px, py] = await pixelOf(page, grid, [x, y]);
    const cursor = Math.max(...seen.at(px, py)) < 60; // its line lies there
    if (Math.abs(v) < 0.3 || !inside(px, py) || cursor) continue;
    assert.equal(sign(seen.at(px, py)), Math.sign(v), `at (${x}, ${y}) the field is ${v}, the colour ${seen.at(px, py)}`);
    n++;
  }
  return n;
}

for (const name of charts) {
  test(name + " paints", async () => {
    const page = await open(browser, name + ".html");
    const box = await chart(page);
    const seen = await pixels(page, box);
    assert.ok(seen.colours() > 100, `${seen.colours()} colours`);
    assert.equal(await page.locator("[data-nnfield] > img").isVisible(), false, "the picture is still there");
    assert.deepEqual(page.troubles, []);
    await page.context().close();
  });

  test(name + " is a picture without scripts", async () => {
    const page = await open(browser, name + ".html", { scripts: false });
    const image = page.locator("[data-nnfield] > img");
    assert.ok(await image.isVisible());
    const size = await image.boundingBox();
    assert.ok(size.width > 200 && size.height > 100, JSON.stringify(size));
    assert.equal(await page.locator("canvas").count(), 0);
    await page.context().close();
  });
}

test("a chart stays a picture where there is no ECharts", async () => {
  const context = await browser.newContext({ offline: true });
  const page = await context.newPage();
  const html = readFileSync(join(dir, "spacetime.html"), "utf8").replace(/<script type="text\/plain".*<\/script>/, "");
  await page.setContent(html);
  await page.waitForTimeout(300);
  assert.ok(await page.locator("[data-nnfield] > img").isVisible());
  assert.equal(await page.locator("canvas").count(), 0);
  await context.close();
});

test("a notebook serves ECharts from beside its kernel, once for all charts", async () => {
  const context = await browser.newContext({ offline: true });
  const page = await context.newPage();
  const body = ["spacetime", "surface"].map(n => readFileSync(join(dir, n + ".html"), "utf8")
    .replace(/<script type="text\/plain".*<\/script>/g, "").match(/<body>([^]*)<\/body>/)[1]).join("");
  const asked = [];
  await page.route("**/*", route => {
    const path = new URL(route.request().url()).pathname;
    const file = path.match(/^\/user\/me\/kernelspecs\/nnfield\/(.*)$/);
    if (file) asked.push(file[1]);
    route.fulfill(file ? { path: join(dir, file[1]) } : { contentType: "text/html", body: `<!DOCTYPE html><meta charset=utf-8><style>img { display: block }</style><body data-base-url="/user/me/">${body}</body>` });
  });
  await page.goto("http://notebook.invalid/user/me/notebooks/a.ipynb");
  await page.locator("[role=figure] canvas").nth(1).waitFor();
  assert.equal(await page.locator("[role=figure]").count(), 2);
  await settle(page);
  for (const image of await page.locator("[data-nnfield] > img").all()) assert.equal(await image.isVisible(), false, "the picture is still there");
  assert.deepEqual(asked.sort(), ["echarts-gl.min.js", "echarts.min.js"]);
  await context.close();
});

test("space-time: the cursor reads the field and shows its slices", async () => {
  const run = json("line.json"), [x] = run.coordinates;
  const page = await open(browser, "spacetime.html");
  const box = await chart(page);
  for (const [i, j] of [[40, 3], [71, 20], [100, 70]]) {
    await point(page, box, await pixelOf(page, 0, [x[i], run.times[j]]));
    const [rx, rt, v] = numbers(await reading(page));
    assert.ok(Math.abs(rx - x[i]) < 1e-3 && Math.abs(rt - run.times[j]) < 1e-3, `the cursor is at ${rx}, ${rt}, not ${x[i]}, ${run.times[j]}`);
    assert.ok(Math.abs(v - run.frames[j][i]) < 6e-5, `it reads ${v}, the field is ${run.frames[j][i]}`);
    const along = await series(page, 2), up = await series(page, 3);
    along.forEach(([, v], k) => assert.ok(Math.abs(v - run.frames[j][k]) < 4e-5, `slice along x at ${k}`));
    up.forEach(([v], k) => assert.ok(Math.abs(v - run.frames[k][i]) < 4e-5, `slice along t at ${k}`));
  }
  await page.locator("[role=figure]").focus();
  const [before] = numbers(await reading(page));
  await page.keyboard.press("ArrowRight");
  await settle(page);
  assert.ok(Math.abs(numbers(await reading(page))[0] - before - (x[1] - x[0])) < 1e-3, "an arrow key moves the cursor by a site");
  await page.context().close();
});

test("space-time: zoom shows a part, larger, and double-click the whole", async () => {
  const run = json("line.json"), [x] = run.coordinates;
  const page = await open(browser, "spacetime.html");
  const box = await chart(page);
  const places = run.times.flatMap((t, j) => j % 9 === 4 ? x.flatMap((x, i) => i % 5 === 2 ? [{ x, y: t, v: run.frames[j][i] }] : []) : []);
  await page.mouse.move(0, 0);
  assert.ok(await agree(page, box, 0, places) > 10);
  const whole = await pixels(page, box);

  const corner = await pixelOf(page, 0, [4.1, 0.3]), opposite = await pixelOf(page, 0, [12.2, 5.1]);
  await drag(page, box, corner, opposite);
  const zoomed = await pixels(page, box);
  assert.notDeepEqual(zoomed.bytes, whole.bytes);
  const [left, bottom] = await pixelOf(page, 0, [4.1, 0.3]), [right, top] = await pixelOf(page, 0, [12.2, 5.1]);
  assert.ok(right - left > 300 && bottom - top > 250, `the part is ${right - left}×${bottom - top} pixels`);
  const inside = (px, py) => px > left + 2 && px < right - 2 && py > top + 2 && py < bottom - 2;
  const all = run.times.flatMap((t, j) => x.map((x, i) => ({ x, y: t, v: run.frames[j][i], inside }))).filter(p => p.x > 4 && p.x < 13 && p.y < 6);
  assert.ok(await agree(page, box, 0, all) > 30);

  const at = await box.boundingBox();
  await page.mouse.dblclick(at.x + (left + right) / 2, at.y + (top + bottom) / 2);
  await settle(page);
  assert.ok(await agree(page, box, 0, places) > 10);
  assert.deepEqual(page.troubles, []);
  await page.context().close();
});

test("frames: the slider chooses the time", async () => {
  const run = json("plane.json"), [x, y] = run.coordinates;
  const page = await open(browser, "frames.html");
  const box = await chart(page);
  let last = await pixels(page, box);
  for (const k of [0, 5, 12]) {
    await page.locator("input[type=range]").fill(String(k));
    await settle(page);
    assert.match(await page.locator("[role=figure] output").first().textContent(), new RegExp("t = " + +run.times[k].toPrecision(4)));
    const places = x.flatMap((x, i) => i % 3 ? [] : y.flatMap((y, j) => j % 3 ? [] : [{ x, y, v: run.frames[k][i * run.coordinates[1].length + j] }]));
    assert.ok(await agree(page, box, 0, places) > 3);
    const now = await pixels(page, box);
    assert.notDeepEqual(now.bytes, last.bytes);
    last = now;
  }
  await page.getByRole("button", { name: "play" }).click();
  await page.waitForTimeout(400);
  assert.ok(+await page.locator("input[type=range]").inputValue() > 12, "play moves on");
  await page.context().close();
});

test("curve: the slider moves the curve", async () => {
  const run = json("line.json"), [x] = run.coordinates;
  const page = await open(browser, "curve.html");
  const box = await chart(page);
  for (const k of [10, 50]) {
    await page.locator("input[type=range]").fill(String(k));
    await settle(page);
    const seen = await pixels(page, box);
    for (let i = 20; i < 120; i += 13) {
      const [px, py] = await pixelOf(page, 0, [x[i], run.frames[k][i]]);
      const near = [-1, 0, 1].flatMap(dx => [-1, 0, 1].map(dy => seen.at(px + dx, py + dy)));
      const blue = near.some(([r, , b]) => b - r > 60);
      assert.ok(blue, `no curve at x = ${x[i]}, φ = ${run.frames[k][i]} in frame ${k}`);
    }
  }
  await page.context().close();
});

test("weights: the cursor reads every weight of the chosen tensor", async () => {
  const page = await open(browser, "weights.html");
  const box = await chart(page);
  // K = −∇² + m² on 24 sites 0.25 apart, m = 1.
  const K = { 0: 2 / 0.0625 + 1, 1: -1 / 0.0625, 23: -1 / 0.0625 };
  await page.locator("select").selectOption("K of the dual loss");
  for (const [i, j] of [[3, 3], [3, 4], [10, 9], [0, 23], [2, 8]]) {
    await point(page, box, await pixelOf(page, 0, [j, i]));
    const text = await reading(page);
    assert.equal(numbers(text)[2], K[Math.abs(i - j)] || 0, text);
    assert.match(text, new RegExp(`neuron j = ${j} \\(φ, site ${j}\\),  neuron i = ${i} `));
  }
  await page.context().close();
});

test("surface: it turns", async () => {
  const page = await open(browser, "surface.html");
  const box = await chart(page);
  await page.waitForTimeout(500);
  const before = await pixels(page, box);
  await drag(page, box, [300, 200], [380, 210]);
  await page.waitForTimeout(500);
  const turned = await pixels(page, box);
  let changed = 0;
  for (let i = 0; i < before.bytes.length; i += 4) if (before.bytes.readUInt32BE(i) !== turned.bytes.readUInt32BE(i)) changed++;
  assert.ok(changed > 0.05 * before.bytes.length / 4, `${changed} pixels changed`);
  assert.ok(turned.colours() > 100);
  await page.context().close();
});

test("landscape: the slider moves the surface", async () => {
  const run = json("plane.json");
  const page = await open(browser, "landscape.html");
  const box = await chart(page);
  const before = await pixels(page, box);
  await page.locator("input[type=range]").fill("0");
  await page.waitForTimeout(300);
  assert.notDeepEqual((await pixels(page, box)).bytes, before.bytes);
  const data = await series(page, 0), ny = run.coordinates[1].length;
  for (const [i, j] of [[16, 16], [20, 3], [47, 31]]) {
    const [px, py, v] = data[j * 48 + i];
    assert.ok(Math.abs(px - run.coordinates[0][i]) < 1e-6 && Math.abs(py - run.coordinates[1][j]) < 1e-6);
    assert.ok(Math.abs(v - run.frames[0][i * ny + j]) < 4e-5, `${v}, not ${run.frames[0][i * ny + j]}`);
  }
  await page.context().close();
});

test("dispersion: pointing at a mode shows its wave", async () => {
  const page = await open(browser, "dispersion.html");
  const box = await chart(page);
  const before = await pixels(page, box);
  const k = 2 * Math.PI * 10 / 32; // mode 10 of length 32
  const omega = Math.sqrt(1 + (2 / 0.25 * Math.sin(k * 0.25 / 2)) ** 2);
  await point(page, box, await pixelOf(page, 0, [k, omega]));
  const text = await reading(page), [rk, wavelength, measured] = numbers(text);
  assert.ok(Math.abs(rk - k) < 1e-3 && Math.abs(wavelength - 3.2) < 1e-3, text);
  assert.ok(Math.abs(measured - omega) < 0.01 * omega, text);
  const wave = await series(page, 3);
  for (const [x, v] of wave) assert.ok(Math.abs(v - Math.cos(k * x)) < 1e-6);
  assert.notDeepEqual((await pixels(page, box)).bytes, before.bytes);
  await page.context().close();
});

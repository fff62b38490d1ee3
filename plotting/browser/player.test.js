import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import { join } from "node:path";
import { dir, json, launch, open, pixels, sign } from "./browser.js";

let browser;
before(async () => { browser = await launch(); });
after(() => browser.close());

const film = "[data-nnfield-film]";

// agree checks that the picture has the colour of each large value of a frame,
// and returns how many it looked at.
async function agree(page, frame, [x, y]) {
  const seen = await pixels(page, page.locator(film + " img"));
  const image = await page.locator(film + " img").boundingBox(), canvas = await page.locator("canvas").boundingBox();
  let n = 0;
  frame.forEach((v, at) => {
    const i = Math.floor(at / y.length), j = at % y.length;
    if (Math.abs(v) < 0.3 || i % 2 || j % 2) return;
    const px = canvas.x - image.x + (i + 0.5) / x.length * canvas.width;
    const py = canvas.y - image.y + (1 - (j + 0.5) / y.length) * canvas.height;
    assert.equal(sign(seen.at(px, py)), Math.sign(v), `at (${x[i]}, ${y[j]}) the field is ${v}, the colour ${seen.at(px, py)}`);
    n++;
  });
  return n;
}

const name = page => page.locator("output").textContent();

test("a movie shows its last frame, and any other by slider and keyboard", async () => {
  const run = json("plane.json"), last = run.times.length - 1;
  const page = await open(browser, "movie.html");
  await page.locator("canvas").waitFor();
  assert.ok(await agree(page, run.frames[last], run.coordinates) > 3);
  for (const k of [0, 6, 11]) {
    await page.locator("input").fill(String(k));
    assert.equal(await name(page), "t = " + +run.times[k].toPrecision(4));
    assert.ok(await agree(page, run.frames[k], run.coordinates) > 3);
  }
  const press = async (key, frame) => {
    await page.keyboard.press(key);
    assert.equal(await page.locator("input").inputValue(), String(frame), key);
  };
  await page.locator(film).focus();
  await press("Home", 0);
  await press("ArrowLeft", 0);
  await press("ArrowRight", 1);
  await press("End", last);
  assert.deepEqual(page.troubles, []);
  await page.context().close();
});

test("a movie plays to its end and rests there", async () => {
  const page = await open(browser, "movie.html");
  await page.locator("canvas").waitFor();
  const last = await page.locator("input").getAttribute("max");
  await page.locator(film).focus();
  await page.keyboard.press(" ");
  await page.waitForTimeout(700);
  const now = +await page.locator("input").inputValue();
  assert.ok(now > 0 && now < +last, `frame ${now} of ${last} after 0.7 s`);
  await page.getByRole("button", { name: "play" }).waitFor({ timeout: 15000 });
  assert.equal(await page.locator("input").inputValue(), last);
  await page.context().close();
});

test("a frame takes less than a millisecond", async () => {
  const page = await open(browser, "movie.html");
  await page.locator("canvas").waitFor();
  const each = await page.evaluate(() => {
    const slider = document.querySelector("input"), last = +slider.max, start = performance.now();
    for (let i = 0; i < 400; i++) { slider.value = i % last; slider.oninput(); }
    return (performance.now() - start) / 400;
  });
  assert.ok(each < 1, `${each} ms a frame`);
  await page.context().close();
});

test("a curve moves on its axes", async () => {
  const run = json("line.json"), last = run.times.length - 1;
  const page = await open(browser, "wave.html");
  await page.locator("canvas").waitFor();
  const low = Math.min(...run.frames.flat()), high = Math.max(...run.frames.flat());
  for (const k of [last, 0, 40]) {
    await page.locator("input").fill(String(k));
    const seen = await pixels(page, page.locator(film + " img"));
    const image = await page.locator(film + " img").boundingBox(), canvas = await page.locator("canvas").boundingBox();
    for (let i = 3; i < 125; i++) {
      const px = canvas.x - image.x + i / 127 * canvas.width;
      const py = canvas.y - image.y + (high - run.frames[k][i]) / (high - low) * canvas.height;
      const near = [-1, 0, 1].flatMap(dx => [-2, -1, 0, 1, 2].map(dy => seen.at(px + dx, py + dy)));
      assert.ok(near.some(([r, , b]) => b - r > 50), `no curve at site ${i} of frame ${k}`);
    }
    // No other curve shines through: the column of pixels at a quiet site has one line only.
    let lines = 0, inside = false;
    const px = canvas.x - image.x + 120.5 / 127 * canvas.width;
    for (let py = canvas.y - image.y; py < canvas.y - image.y + canvas.height; py++) {
      const [r, , b] = seen.at(px, py), blue = b - r > 50;
      if (blue && !inside) lines++;
      inside = blue;
    }
    assert.equal(lines, 1, `frame ${k}`);
  }
  assert.deepEqual(page.troubles, []);
  await page.context().close();
});

test("a sweep chooses between runs", async () => {
  const page = await open(browser, "sweep.html");
  await page.locator("canvas").waitFor();
  const before = await pixels(page, page.locator(film + " img"));
  await page.locator("input").fill("1");
  assert.equal(await name(page), "m = 0.5");
  assert.notDeepEqual((await pixels(page, page.locator(film + " img"))).bytes, before.bytes);
  await page.context().close();
});

test("a movie is a picture without scripts", async () => {
  const page = await open(browser, "movie.html", { scripts: false });
  const size = await page.locator(film + " img").boundingBox();
  assert.ok(size.width > 200 && size.height > 100);
  const seen = await pixels(page, page.locator(film + " img"));
  assert.ok(seen.colours() > 100);
  await page.context().close();
});

for (const file of ["movie.gif", "movie.png", "wave.gif"]) {
  test(file + " moves", async () => {
    const context = await browser.newContext({ offline: true });
    const page = await context.newPage();
    await page.goto(pathToFileURL(join(dir, file)).href);
    const image = page.locator("img");
    // Not by pixels(): it holds animations still.
    const shots = new Set();
    for (let i = 0; i < 4; i++) {
      shots.add((await image.screenshot({ animations: "allow" })).toString("base64"));
      await page.waitForTimeout(400);
    }
    assert.ok(shots.size > 1, "four pictures within 1.6 s are the same");
    await context.close();
  });
}

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { chromium } from "playwright-core";

const dir = join(process.env.PLACE, "notebooks");
let browser, server, url, log = "";

before(async () => {
  const port = await new Promise(found => {
    const probe = createServer().listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => found(port));
    });
  });
  server = spawn(process.env.NNFIELD, ["lab", dir, "--", "--no-browser", "--allow-root", "--port=" + port]);
  for (const stream of [server.stdout, server.stderr]) stream.on("data", text => { log += text; });
  for (let i = 0; i < 1800 && !url; i++) {
    url = log.match(/http:\/\/127\.0\.0\.1:\d+\/\?token=[0-9a-f]{32,}/)?.[0];
    await new Promise(resume => setTimeout(resume, 100));
  }
  assert.ok(url, "no server:\n" + log);
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM || "/usr/bin/chromium",
    args: ["--headless", "--no-sandbox", "--disable-gpu", "--enable-unsafe-swiftshader", "--disable-quic", "--no-first-run",
      "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });
});

after(async () => {
  await browser?.close();
  const gone = new Promise(resume => server.once("exit", resume));
  server.kill("SIGTERM");
  await gone;
});

// open opens a notebook in a browser that reaches this server and nothing else.
// It waits for the kernel if it is to have one.
async function open(path) {
  const context = await browser.newContext({ viewport: { width: 1200, height: 1000 } });
  const { origin, search } = new URL(url);
  await context.route(address => address.origin !== origin && address.protocol.startsWith("http"), route => route.abort());
  const page = await context.newPage();
  page.on("dialog", dialog => dialog.accept());
  await page.goto(`${origin}/notebooks/${path}${search}`);
  await ready(page);
  return page;
}

const ready = page => page.waitForFunction(
  () => window.Jupyter?.notebook?.kernel?.info_reply?.status === "ok" && document.querySelector(".kernel_idle_icon"), null, { timeout: 60_000 });

// menu chooses an entry of a menu.
async function menu(page, name, entry) {
  await page.locator("#menubar .dropdown > a", { hasText: new RegExp("^" + name + "$") }).click();
  await page.locator(entry).first().click();
}

// done waits until every code cell has been executed.
const done = page => page.waitForFunction(() => {
  const cells = window.Jupyter.notebook.get_cells().filter(c => c.cell_type === "code" && c.get_text().trim());
  return cells.every(c => typeof c.input_prompt_number === "number");
}, null, { timeout: 300_000, polling: 200 });

// paintings returns, for each figure, how many colours one sees in it.
async function paintings(page) {
  const seen = [];
  for (const figure of await page.locator(".output_area img").all()) {
    await figure.scrollIntoViewIfNeeded();
    const shot = await figure.screenshot();
    seen.push(await page.evaluate(async base64 => {
      const image = new Image();
      image.src = "data:image/png;base64," + base64;
      await image.decode();
      const canvas = Object.assign(document.createElement("canvas"), { width: image.width, height: image.height });
      const context = canvas.getContext("2d");
      context.drawImage(image, 0, 0);
      const data = new Uint32Array(context.getImageData(0, 0, image.width, image.height).data.buffer);
      return new Set(data).size;
    }, shot.toString("base64")));
  }
  return seen;
}

const painted = seen => seen.every(colours => colours > 8); // axes and text alone have more

test("the tutorial runs from the menu, and its figures outlive kernel and network", async () => {
  const path = "tutorials/01-klein-gordon.ipynb";
  const page = await open(path);
  assert.equal(await page.locator(".kernel_indicator_name").textContent(), "nnfield (Go)");
  await menu(page, "Cell", "#run_all_cells a");
  await done(page);
  assert.equal(await page.locator(".output_error").count(), 0, await page.locator(".output_error").allTextContents());
  const first = await paintings(page);
  assert.ok(first.length >= 6, `${first.length} figures`);
  assert.ok(painted(first), `colours ${first}`);
  await menu(page, "File", "#save_checkpoint a");
  await page.waitForFunction(() => !window.Jupyter.notebook.dirty, null, { timeout: 30_000 });
  await menu(page, "Kernel", "#shutdown_kernel a");
  await page.locator(".modal-footer .btn-danger").click();
  await page.reload();
  await page.waitForFunction(() => window.Jupyter?.notebook?._fully_loaded, null, { timeout: 60_000 });
  const second = await paintings(page);
  assert.deepEqual(second.length, first.length);
  assert.ok(painted(second), `colours ${second} after the reload`);
  // The page holds the pictures themselves: nothing is fetched for them.
  const sources = await page.locator(".output_area img").evaluateAll(all => all.map(i => i.src.slice(0, 11)));
  assert.deepEqual(new Set(sources), new Set(["data:image/"]));
  await page.context().close();
});

// notebook writes a notebook of one cell.
const notebook = (name, source) => writeFileSync(join(dir, name), JSON.stringify({
  nbformat: 4, nbformat_minor: 4,
  metadata: { kernelspec: { name: "nnfield", display_name: "nnfield (Go)", language: "go" } },
  cells: [{ cell_type: "code", metadata: {}, execution_count: null, outputs: [], source }],
}));

test("stop stops, and running the cell again continues", async () => {
  notebook("long.ipynb", `import (
	"github.com/nnfield/nnfield/kernel"
	"github.com/nnfield/nnfield/nnfield"
)

%%
kernel.Run(nnfield.KleinGordon().Ring(4096, 400).Mass(1).Packet(nnfield.At(100), nnfield.Width(5)).Until(1e7))`);
  const page = await open("long.ipynb");
  const output = page.locator(".output");
  // runFor executes the cell, stops it some time after its progress shows, and
  // returns the time in the simulation at which it says it was stopped.
  const runFor = async milliseconds => {
    await menu(page, "Cell", "#run_all_cells a");
    await output.getByText(/simulating/).first().waitFor({ timeout: 60_000 });
    await page.waitForTimeout(milliseconds);
    await page.locator("[data-jupyter-action='jupyter-notebook:interrupt-kernel']").click();
    const start = Date.now();
    await output.getByText(/stopped at t = /).first().waitFor({ timeout: 15_000 });
    await page.locator(".kernel_idle_icon").waitFor({ timeout: 15_000 });
    assert.ok(Date.now() - start < 6000, `stopping took ${Date.now() - start} ms`);
    return Number((await output.first().textContent()).match(/stopped at t = ([0-9.e+]+) of/)[1]);
  };
  const first = await runFor(6000), second = await runFor(100);
  assert.ok(second > first, `stopped at ${first}, then at ${second}: it did not continue`);
  await page.context().close();
});

// picture returns the pixels of an element, as text that two pictures can be
// compared by.
const picture = async element => (await element.screenshot({ animations: "disabled" })).toString("base64");

// alive checks that every chart and film of a notebook is drawn by its script and
// answers: charts to the pointer, films to their slider.
async function alive(page) {
  const charts = page.locator(".output_area [data-nnfield] [role=figure], .output_area [data-nnfield][role=figure]");
  const films = page.locator(".output_area [data-nnfield-film]:has(canvas)");
  await page.waitForFunction(() => document.querySelectorAll(".output_area [data-nnfield-film] canvas").length >= 2, null, { timeout: 60_000 });
  for (let i = 0; i < 100 && await page.locator(".output_area [role=figure] canvas").count() < 5; i++) await page.waitForTimeout(200);
  let answered = 0;
  for (const chart of await charts.all()) {
    const box = chart.locator("> div").first();
    await box.scrollIntoViewIfNeeded();
    await page.waitForTimeout(300);
    const { x, y, width, height } = await box.boundingBox();
    const before = await picture(box);
    // From one place to another with the button down: turns a surface, zooms into
    // the others; the pointer that stays behind moves their cursor.
    await page.mouse.move(x + 0.25 * width, y + 0.25 * height);
    await page.mouse.down();
    await page.mouse.move(x + 0.35 * width, y + 0.4 * height, { steps: 4 });
    await page.mouse.up();
    await page.waitForTimeout(400);
    assert.notEqual(await picture(box), before, `chart ${answered} does not answer the pointer`);
    answered++;
  }
  for (const film of await films.all()) {
    await film.scrollIntoViewIfNeeded();
    const before = await picture(film);
    await film.locator("input[type=range]").fill("0");
    await page.waitForTimeout(300);
    assert.notEqual(await picture(film), before, "a slider moves nothing");
    answered++;
  }
  return answered;
}

test("charts and movies live in Jupyter, and live again in the reopened notebook", async () => {
  const page = await open("tutorials/gallery.ipynb");
  await menu(page, "Cell", "#run_all_cells a");
  await page.locator(".output_area button", { hasText: "Done" }).click({ timeout: 120_000 }); // the last cell waits for it
  await done(page);
  assert.equal(await page.locator(".output_error").count(), 0, await page.locator(".output_error").allTextContents());
  const live = await alive(page);
  assert.ok(live >= 7, `${live} charts and movies answered`);
  await menu(page, "File", "#save_checkpoint a");
  await page.waitForFunction(() => !window.Jupyter.notebook.dirty, null, { timeout: 30_000 });
  await menu(page, "Kernel", "#shutdown_kernel a");
  await page.locator(".modal-footer .btn-danger").click();
  await page.reload();
  await page.waitForFunction(() => window.Jupyter?.notebook?._fully_loaded, null, { timeout: 60_000 });
  assert.equal(await alive(page), live, "charts and movies in the reopened notebook");
  await page.context().close();
});

test("sliders run a model again while the cell runs, and leave a figure and a sentence", async () => {
  notebook("sliders.ipynb", `import (
	"context"

	"github.com/nnfield/nnfield/kernel"
	"github.com/nnfield/nnfield/nnfield"
	"github.com/nnfield/nnfield/plotting"
)

func figure(ctx context.Context, v []float64) (plotting.Figure, error) {
	run, err := nnfield.KleinGordon().Ring(128, 40).Mass(v[0]).Packet(nnfield.At(10), nnfield.Width(2), nnfield.WaveNumber(v[1])).Until(20).Run(ctx)
	return plotting.Spacetime(run), err
}

%%
kernel.Explore(figure, kernel.Slider{Name: "mass", Min: 0, Max: 3, Step: 0.1, Value: 1}, kernel.Slider{Name: "k", Min: -2, Max: 2, Step: 0.5, Value: 1})`);
  const page = await open("sliders.ipynb");
  await menu(page, "Cell", "#run_all_cells a");
  const figure = page.locator(".output_area img"), sliders = page.locator(".output_area input[type=range]");
  await sliders.nth(1).waitFor({ timeout: 60_000 });
  const source = () => figure.getAttribute("src");
  let last = await source();
  for (const [slider, value] of [[0, "2.5"], [1, "-1.5"], [0, "0"]]) {
    await sliders.nth(slider).fill(value);
    // A busy machine may need a second try for its connection.
    await page.waitForFunction(before => document.querySelector(".output_area img").src !== before, last, { timeout: 30_000 });
    await page.waitForTimeout(500);
    last = await source();
  }
  assert.ok(await page.locator(".kernel_busy_icon").count(), "the cell does not wait");
  await page.locator(".output_area button").click();
  await page.locator(".output").getByText("mass = 0, k = -1.5; run the cell again to move the sliders").waitFor({ timeout: 10_000 });
  await page.locator(".kernel_idle_icon").waitFor({ timeout: 10_000 });
  assert.equal(await sliders.count(), 0);
  assert.equal(await page.locator(".output_error, .output_stderr").count(), 0);
  assert.ok(painted(await paintings(page)));
  await page.context().close();
});

test("a preview moves while a run goes on, and its last picture is the run", async () => {
  notebook("preview.ipynb", `import (
	"github.com/nnfield/nnfield/kernel"
	"github.com/nnfield/nnfield/nnfield"
	"github.com/nnfield/nnfield/plotting"
)

var kg = nnfield.KleinGordon().Torus(512, 64).Mass(1).Packet(nnfield.Width(4), nnfield.WaveNumber(1, 0))

func last(r *nnfield.Run) plotting.Figure { return plotting.Frame(r, r.Len()-1) }

%%
kernel.Run(kg.Until(400).Frames(nnfield.Count(60)), kernel.Preview(last))`);
  const page = await open("preview.ipynb");
  await menu(page, "Cell", "#run_all_cells a");
  await page.locator(".output_area img").first().waitFor({ timeout: 60_000 });
  const seen = new Set();
  while (!await page.evaluate(() => window.Jupyter.notebook.get_cell(0).input_prompt_number > 0)) {
    seen.add(await page.locator(".output_area img").first().getAttribute("src"));
    await page.waitForTimeout(50);
  }
  assert.ok(seen.size >= 3, `${seen.size} pictures`);
  assert.equal(await page.locator(".output_area img").count(), 1);
  assert.ok(painted(await paintings(page)));
  await page.context().close();
});

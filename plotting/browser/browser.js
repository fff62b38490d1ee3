// What the tests share: a browser without network, pages and their pixels.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

export const dir = process.env.PAGES;

export const launch = () => chromium.launch({
  executablePath: process.env.CHROMIUM || "/usr/bin/chromium",
  args: ["--headless", "--no-sandbox", "--disable-gpu", "--enable-unsafe-swiftshader", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});

export const json = name => JSON.parse(readFileSync(join(dir, name), "utf8"));

// open shows a page of DIR in a fresh profile without network. It collects what
// the page complains about and what it asks the network for: both must stay empty.
export async function open(browser, name, { scripts = true } = {}) {
  const context = await browser.newContext({ offline: true, javaScriptEnabled: scripts, viewport: { width: 720, height: 900 } });
  const page = await context.newPage();
  page.troubles = [];
  page.on("pageerror", e => page.troubles.push(e.message));
  page.on("console", m => { if (m.type() === "error") page.troubles.push(m.text()); });
  page.on("request", r => { if (!/^(file|data|blob):/.test(r.url())) page.troubles.push("asked for " + r.url()); });
  await page.goto(pathToFileURL(join(dir, name)).href);
  return page;
}

// pixels returns what an element looks like: its size and at(x, y) → [r, g, b].
export async function pixels(page, locator) {
  const shot = await locator.screenshot({ animations: "disabled" });
  const { width, height, data } = await page.evaluate(async base64 => {
    const image = new Image();
    image.src = "data:image/png;base64," + base64;
    await image.decode();
    const canvas = document.createElement("canvas");
    canvas.width = image.width; canvas.height = image.height;
    const context = canvas.getContext("2d");
    context.drawImage(image, 0, 0);
    const all = context.getImageData(0, 0, image.width, image.height).data;
    let text = "";
    for (let i = 0; i < all.length; i += 8192) text += String.fromCharCode(...all.subarray(i, i + 8192));
    return { width: image.width, height: image.height, data: btoa(text) };
  }, shot.toString("base64"));
  const bytes = Buffer.from(data, "base64");
  return {
    width, height, bytes,
    at: (x, y) => [...bytes.subarray(4 * (Math.round(y) * width + Math.round(x))).subarray(0, 3)],
    colours: () => new Set(Array.from({ length: bytes.length / 4 }, (_, i) => bytes.readUInt32BE(4 * i))).size,
  };
}

// sign tells what a diverging colour says: +1 red, −1 blue, 0 pale.
export const sign = ([r, g, b]) => Math.abs(r - b) < 40 ? 0 : r > b ? 1 : -1;

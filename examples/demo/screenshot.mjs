// Makes the screenshot of the demo: node examples/demo/screenshot.mjs [file] [--light]
// It needs an installed Chromium: $CHROMIUM, or "chromium" on the PATH.

import { execFileSync } from "node:child_process";
import { parseArgs } from "node:util";
import { chromium } from "playwright-core";
import { startDemo } from "./server.mjs";

const { values, positionals } = parseArgs({ options: { light: { type: "boolean" } }, allowPositionals: true });
const path = positionals[0] ?? "docs/demo.png";
const executablePath = process.env.CHROMIUM ?? execFileSync("which", ["chromium"], { encoding: "utf8" }).trim();

// The picture shows the address, so the port is that of `npm start`.
const demo = await startDemo({ port: 4000 });
const browser = await chromium.launch({
  executablePath,
  args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-lcd-text"],
});
try {
  const page = await browser.newPage({
    viewport: { width: 1440, height: 900 },
    deviceScaleFactor: 1.5,
    colorScheme: values.light ? "light" : "dark",
  });
  await page.goto(demo.url);
  const frames = page.locator("#frames tr.frame");
  const passed = (n) => frames.nth(n - 1).waitFor();
  await passed(2);

  await page.fill("#binary", "ca fe ba be de ad be ef 00 01 02 03");
  await page.click("#send-binary");
  await passed(4);
  await page.click("#ping");
  await passed(6);
  await page.fill("#text", "RFC 6455 §5.2: naïve → ok ✓");
  await page.click("#send-text");
  await passed(8);
  await page.fill("#text", "/bytes 70000");
  await page.click("#send-text");
  await passed(10);
  await frames.nth(0).click();
  await page.fill("#text", "/ping hello");
  await page.fill("#code", "4001");
  await page.fill("#reason", "bye");
  await page.locator("#wire-title").hover();
  await page.locator(":focus").blur();
  await page.screenshot({ path });
  console.log(`The picture is in ${path}`);
} finally {
  await browser.close();
  await demo.close();
}

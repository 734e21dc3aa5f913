// Reads [{card or html, theme, width, file}] from standard input and writes one picture of each.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname } from "node:path";
import { chromium } from "playwright-core";
import { hostConfig, styles, THEMES } from "./host.mjs";

const require = createRequire(import.meta.url);
const renderer = require.resolve("adaptivecards/dist/adaptivecards.min.js");
const look = require.resolve("adaptivecards/dist/adaptivecards.css");
const markdown = `${dirname(require.resolve("markdown-it/package.json"))}/dist/browser/markdown-it.umd.min.js`;

/** Runs in the page: draws the card, returns what the parser had to say. */
function render({ card, host }) {
  const { AdaptiveCard, HostConfig, SerializationContext, Versions } = window.AdaptiveCards;
  AdaptiveCard.onProcessMarkdown = (text, result) => {
    result.outputHtml = window.markdownit().render(text);
    result.didProcess = true;
  };
  const drawn = new AdaptiveCard();
  drawn.hostConfig = new HostConfig(host);
  const context = new SerializationContext(Versions.v1_5);
  drawn.parse(card, context);
  document.getElementById("card").appendChild(drawn.render());
  return Array.from({ length: context.eventCount }, (_, number) => context.getEventAt(number).message);
}

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-lcd-text", "--disable-quic", "--disable-background-networking"],
});

/** Draws the card as a chat client would. */
async function drawCard(page, { card, theme, file }) {
  const colours = THEMES[theme];
  await page.setContent('<!doctype html><body><div id="card"></div></body>');
  await page.addStyleTag({ path: look });
  await page.addStyleTag({ content: styles(colours) });
  await page.addScriptTag({ path: markdown });
  await page.addScriptTag({ path: renderer });
  const complaints = await page.evaluate(render, { card, host: hostConfig(colours) });
  if (complaints.length > 0) throw new Error(`${file}: ${complaints.join("; ")}`);
}

for (const job of JSON.parse(readFileSync(0, "utf8"))) {
  const { html, theme, width, file } = job;
  const page = await browser.newPage({
    viewport: { width: width + 32, height: 200 }, deviceScaleFactor: 1.5, locale: "en-US", timezoneId: "UTC",
    colorScheme: theme,
  });
  if (html) await page.setContent(html);
  else await drawCard(page, job);
  await page.screenshot({ path: file, fullPage: true });
  await page.close();
}
await browser.close();

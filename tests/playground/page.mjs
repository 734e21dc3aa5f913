// A browser on the playground's page, driven line by line: one JSON object in, one out.
//
//   node page.mjs ADDRESS FOLDER-WITH-PLAYWRIGHT-CORE CHROMIUM
//
// What is on the page is found by role and name, and by the class that Adaptive Cards' own renderer gives a card
// (https://www.npmjs.com/package/adaptivecards): the playground promises nothing about its page.

import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const [address, library, executablePath] = process.argv.slice(2);
const { chromium, errors } = createRequire(`${library}/`)("playwright-core");

const CARD = ".ac-adaptiveCard";
const PATIENCE = 20_000; // milliseconds; after so long without a change, what is there is what stays

// The page asks for fonts elsewhere, and a picture waits for fonts (microsoft/playwright#35972): nothing leaves this machine.
const browser = await chromium.launch({
  executablePath,
  args: [
    "--disable-gpu", "--disable-quic", "--disable-background-networking",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1 , EXCLUDE localhost",
  ],
});
const page = await browser.newPage({ viewport: { width: 1300, height: 1000 }, locale: "en-US", timezoneId: "UTC" });
page.setDefaultTimeout(PATIENCE);

/** Runs in the page: every post of the bot from top to bottom, once that is something else than it was before. */
function readPosts({ CARD, before }) {
  const isSeen = (element) => {
    const { width, height } = element.getBoundingClientRect();
    return width > 0 && height > 0 && element.checkVisibility({ opacityProperty: true, visibilityProperty: true });
  };
  const seen = (root, selector) => [...root.querySelectorAll(selector)].filter(isSeen);
  const words = (elements) => elements.map((element) => element.innerText.trim()).filter(Boolean);
  const beyond = (element) => {
    const edge = element.getBoundingClientRect().right + 1;
    const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
    const cut = [];
    while (walker.nextNode()) {
      const range = document.createRange();
      range.selectNodeContents(walker.currentNode);
      if ([...range.getClientRects()].some(({ right }) => right > edge)) cut.push(walker.currentNode.data);
    }
    return cut;
  };
  const card = (element) => ({
    beyond: beyond(element),
    headings: words(seen(element, "[role=heading]")),
    buttons: words(seen(element, "button, [role=button], a[href]")),
    text: element.innerText,
  });
  const under = (post) => (line) => {
    const cards = [...post.querySelectorAll(CARD)];
    return cards.every((one) => one.getBoundingClientRect().bottom <= line.getBoundingClientRect().top);
  };
  const posts = [...document.querySelectorAll("[role=group]")]
    .filter((group) => group.querySelector("[aria-label='Show more information']"))
    .map((post) => ({
      cards: seen(post, CARD).map(card),
      lines: words(seen(post, "p").filter((line) => !line.closest(CARD)).filter(under(post))),
    }));
  return JSON.stringify(posts) === before ? null : posts;
}

/** What bears this title on a card, or a button of that card. */
const on = (title, role, name) => {
  const heading = page.getByRole("heading", { name: title, exact: true });
  return page.locator(CARD).filter({ has: heading }).getByRole(role, { name, exact: true });
};

const orders = {
  open: async ({ name }) => page.getByRole("treeitem", { name, exact: true }).click(),

  posts: async ({ before }) => {
    const latest = { CARD, before: JSON.stringify(before) };
    try {
      return await (await page.waitForFunction(readPosts, latest, { timeout: PATIENCE })).jsonValue();
    } catch (error) {
      if (error instanceof errors.TimeoutError) return before;
      throw error;
    }
  },

  // A trial click waits until the thing is visible, still, and not covered (https://playwright.dev/docs/actionability).
  see: async ({ title, name }) => {
    const role = (kind) => on(title, kind, name);
    await role("heading").or(role("button")).or(role("link")).click({ trial: true });
  },
  press: async ({ title, name }) => on(title, "button", name).click(),
  fill: async ({ title, name, text }) => on(title, "textbox", name).fill(text),

  say: async ({ text }) => {
    await page.getByRole("textbox").last().pressSequentially(text);
    await page.getByRole("button", { name: "Send Message" }).last().click();
  },

  picture: async ({ path, width, height, title }) => {
    const heading = title && on(title, "heading", title).first();
    if (heading) await heading.click(); // it changes nothing, but the list of conversations makes room on a narrow page
    await page.setViewportSize({ width, height });
    if (heading) await heading.evaluate((element) => element.closest("[role=group]").scrollIntoView());
    await page.screenshot({ path, animations: "disabled" });
  },
};

const answer = (what) => process.stdout.write(`${JSON.stringify(what)}\n`);

await page.goto(address, { waitUntil: "domcontentloaded" });
for await (const line of createInterface({ input: process.stdin })) {
  const { order, ...rest } = JSON.parse(line);
  try {
    answer({ done: (await orders[order](rest)) ?? null });
  } catch (error) {
    answer({ failed: error.message });
  }
}
await browser.close();

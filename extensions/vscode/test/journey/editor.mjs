// VS Code as a person uses it: by palette, views, menus and what is written on the screen.

export class Editor {
  constructor(page, shots) {
    this.page = page;
    this.shots = shots;
    page.setDefaultTimeout(30_000);
  }

  async open(url) {
    await this.page.goto(url);
    await this.page.locator(".monaco-workbench .statusbar").waitFor({ timeout: 60_000 });
  }

  async shot(name) {
    await this.page.mouse.move(640, 795);
    await this.page.waitForTimeout(400);
    await this.page.screenshot({ path: `${this.shots}/${name}.png` });
  }

  get status() {
    return this.page.locator("[id='stella-ops.vscode-stella-ops.stellaOps.status']");
  }

  async says(text) {
    await this.status.filter({ hasText: text }).waitFor();
  }

  async container(name = "Stella Ops") {
    await this.page.locator(`.activitybar .action-label[aria-label^="${name}"]`).first().click();
  }

  view(title) {
    return this.page.locator(".pane", { has: this.page.locator(".pane-header", { hasText: title }) });
  }

  row(title, text) {
    return this.view(title).locator(".monaco-list-row", { hasText: text }).first();
  }

  async rows(title) {
    return this.view(title).locator(".monaco-list-row").evaluateAll((rows) => rows.map((row) => row.getAttribute("aria-label")));
  }

  async palette(command) {
    await this.page.keyboard.press("F1");
    const input = this.page.locator(".quick-input-widget input").first();
    await input.fill(`>${command}`);
    await this.page.locator(".quick-input-list .monaco-list-row", { hasText: command }).first().click();
  }

  async choose(text) {
    await this.page.locator(".quick-input-list .monaco-list-row", { hasText: text }).first().click();
  }

  /** Answer the input box whose title is given; a list with this title may still be there before it. */
  async answer(title, text) {
    await this.page.locator(".quick-input-title", { hasText: title }).waitFor();
    await this.page.locator(".quick-input-message", { hasText: "Press 'Enter'" }).waitFor();
    const input = this.page.locator(".quick-input-box input").first();
    await input.fill(text);
    await input.press("Enter");
  }

  async press(button) {
    await this.page.locator(".monaco-dialog-box").getByRole("button", { name: button }).click();
  }

  async told(text) {
    const toast = this.page.locator(".notification-list-item", { hasText: text }).first();
    await toast.waitFor();
    const whole = await toast.innerText();
    return whole;
  }

  /** At most three toasts are shown: what was told before is put away. */
  async clear() {
    await this.palette("Notifications: Clear All");
    await this.leave();
  }

  /** Take the keyboard to the text: what has it, as the status bar after a click, may open its hover over everything. */
  async leave() {
    await this.page.keyboard.press("Control+1");
  }

  async file(name) {
    await this.page.keyboard.press("Control+p");
    await this.page.locator(".quick-input-widget input").first().fill(name);
    await this.choose(name);
    await this.page.locator(".editor-instance .view-line").first().waitFor();
  }

  /** Choose from the menu of a row. */
  async menu(row, item) {
    await row.click({ button: "right" });
    const chosen = this.page.locator(".monaco-menu").getByRole("menuitem", { name: item });
    await chosen.hover();
    // a press right after the menu opened is taken for the end of the one that opened it
    await this.page.waitForTimeout(500);
    await chosen.click({ delay: 60 });
    await chosen.waitFor({ state: "detached" });
  }

  /** Return the page of rendered Markdown that has a heading, and wait until it is shown. */
  async rendered(heading) {
    const inner = this.page.frameLocator("iframe.webview.ready").frameLocator("#active-frame");
    await inner.getByRole("heading", { name: heading, exact: true }).waitFor();
    return inner.locator("body");
  }

  lens(text) {
    return this.page.locator(".codelens-decoration a", { hasText: text }).first();
  }

  async pressLens(text) {
    await this.lens(text).hover();
    await this.page.waitForTimeout(200);
    await this.lens(text).click({ delay: 60 });
  }
}

/** Sign in as a person at the Authority's own page, which shows the code where there is one; return its picture. */
export async function consent(context, person, act, told = "You are signed in", code = "") {
  const coming = context.waitForEvent("page");
  await act();
  const page = await coming;
  try {
    await page.locator(`#person-${person}`).check();
    await page.getByText(code).first().waitFor();
    const shot = await page.screenshot();
    await page.getByRole("button", { name: "Allow" }).click();
    await page.getByText(told).waitFor();
    return shot;
  } catch (error) {
    throw new Error(`${page.url()} says ${await page.locator("body").innerText()}`, { cause: error });
  } finally {
    await page.close();
  }
}

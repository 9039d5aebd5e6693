/** What VS Code shows in a stella.yaml, asked of VS Code itself. */

import assert from "node:assert/strict";

import * as vscode from "vscode";

const BROKEN = "apiVersion: stella-ops/v1\nrelase: checkout\ncomponents:\n  - name: api\n    image: registry.example.com/api\n";

let document: vscode.TextDocument;

async function write(text: string): Promise<void> {
  const whole = new vscode.Range(0, 0, document.lineCount, 0);
  const edit = new vscode.WorkspaceEdit();
  edit.replace(document.uri, whole, text);
  await vscode.workspace.applyEdit(edit);
}

/** Wait until the findings are those, as a person's eye would. */
async function found(...codes: string[]): Promise<vscode.Diagnostic[]> {
  const now = (): vscode.Diagnostic[] => vscode.languages.getDiagnostics(document.uri);
  const told = (): string[] => now().map(({ code }) => code as string).sort();
  const wanted = [...codes].sort();
  for (let tries = 0; tries < 100 && told().join() !== wanted.join(); tries += 1) {
    await new Promise((passed) => setTimeout(passed, 100));
  }
  assert.deepEqual(told(), wanted);
  return now();
}

function ask<T>(command: string, ...args: unknown[]): Thenable<T> {
  return vscode.commands.executeCommand<T>(command, document.uri, ...args);
}

function placeOf(text: string): vscode.Position {
  const offset = document.getText().indexOf(text);
  assert.ok(offset >= 0, `${text} does not stand in the file`);
  return document.positionAt(offset + 1);
}

describe("a stella.yaml", () => {
  before(async () => {
    const [uri] = await vscode.workspace.findFiles("stella.yaml");
    assert.ok(uri);
    document = await vscode.workspace.openTextDocument(uri);
    await vscode.window.showTextDocument(document);
  });

  it("without a fault has no finding", async () => {
    await write(BROKEN);
    await found("missing-key", "unknown-key");
    await write(BROKEN.replace("relase", "release"));
    await found();
  });

  it("with a slip of the pen is underlined where it stands", async () => {
    await write(BROKEN);
    const unknown = (await found("missing-key", "unknown-key")).find(({ code }) => code === "unknown-key");
    assert.ok(unknown);
    assert.equal(document.getText(unknown.range), "relase");
    assert.equal(unknown.severity, vscode.DiagnosticSeverity.Error);
    assert.equal(unknown.message, "“relase” is not a key that belongs here.");
  });

  it("is mended by the quick fix that is offered", async () => {
    await write(BROKEN);
    await found("missing-key", "unknown-key");
    const at = placeOf("relase");
    const actions = await ask<vscode.CodeAction[]>("vscode.executeCodeActionProvider", new vscode.Range(at, at));
    const fix = actions.find(({ title }) => title === "Change to “release”");
    assert.ok(fix?.edit, `offered: ${actions.map(({ title }) => title).join(", ")}`);
    await vscode.workspace.applyEdit(fix.edit);
    assert.equal(document.getText(), BROKEN.replace("relase", "release"));
    await found();
  });

  it("completes the keys that are not there yet", async () => {
    await write("apiVersion: stella-ops/v1\n");
    const { items } = await ask<vscode.CompletionList>("vscode.executeCompletionItemProvider", new vscode.Position(1, 0));
    const ours = items.filter(({ kind }) => kind === vscode.CompletionItemKind.Property).map(({ label }) => label);
    assert.deepEqual(ours.sort(), ["components", "environments", "promotion", "release", "source"]);
  });

  it("tells what a key means", async () => {
    await write(BROKEN.replace("relase", "release"));
    const hovers = await ask<vscode.Hover[]>("vscode.executeHoverProvider", placeOf("components"));
    const text = hovers.flatMap(({ contents }) => (contents as vscode.MarkdownString[]).map(({ value }) => value)).join("\n");
    assert.match(text, /The images the release is made of\./);
  });

  it("shows no annotation to somebody who is not signed in", async () => {
    assert.deepEqual(await ask<vscode.CodeLens[]>("vscode.executeCodeLensProvider"), []);
  });

  it("under another name is nobody's business", async () => {
    const other = await vscode.workspace.openTextDocument({ content: BROKEN, language: "yaml" });
    assert.deepEqual(vscode.languages.getDiagnostics(other.uri), []);
  });
});

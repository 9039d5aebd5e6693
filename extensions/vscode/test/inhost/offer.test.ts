/** What the extension offers once VS Code has started it, as other extensions see it. */

import assert from "node:assert/strict";

import * as vscode from "vscode";

import parity from "../../../parity.json";

const ID = "stella-ops.vscode-stella-ops";

describe("the extension", () => {
  it("is started by a folder with a stella.yaml", async () => {
    const extension = vscode.extensions.getExtension(ID);
    assert.ok(extension, "VS Code does not know the extension");
    await extension.activate();
    assert.equal(extension.isActive, true);
  });

  it("registers every command of parity.json, and lists no other", async () => {
    const wanted = parity.commands.map(({ id }) => id);
    const { contributes } = vscode.extensions.getExtension(ID)?.packageJSON as { contributes: { commands: { command: string }[] } };
    const registered = new Set(await vscode.commands.getCommands(true));
    assert.deepEqual(wanted.filter((id) => !registered.has(id)), []);
    assert.deepEqual(contributes.commands.map(({ command }) => command), wanted);
  });

  for (const { id } of parity.views) {
    it(`has the view ${id}, which can be opened`, async () => {
      assert.ok((await vscode.commands.getCommands(true)).includes(`${id}.focus`));
      await vscode.commands.executeCommand(`${id}.focus`);
    });
  }

  it("provides accounts, and has none before somebody signs in", async () => {
    assert.deepEqual(await vscode.authentication.getAccounts("stella-ops"), []);
    assert.equal(await vscode.authentication.getSession("stella-ops", [], { silent: true }), undefined);
  });
});

describe("settings", () => {
  const settings = (): vscode.WorkspaceConfiguration => vscode.workspace.getConfiguration();

  it("of the servers are taken from the machine", () => {
    assert.match(settings().get("stellaOps.platformUrl", ""), /^http:\/\/127\.0\.0\.1:\d+$/);
  });

  for (const { id } of parity.settings.filter(({ machine }) => machine)) {
    it(`a repository cannot set ${id}`, async () => {
      // the folder's own .vscode/settings.json says "attacker" to each
      const inspected = settings().inspect(id);
      assert.ok(inspected);
      assert.notEqual(settings().get(id), "attacker");
      assert.deepEqual([inspected.workspaceValue, inspected.workspaceFolderValue], [undefined, undefined]);
      await assert.rejects(async () => settings().update(id, "attacker", vscode.ConfigurationTarget.Workspace));
    });
  }

  it("that say what is shown are a repository's to set", () => {
    assert.equal(settings().inspect("stellaOps.pollIntervalSeconds")?.workspaceValue, 60);
  });
});

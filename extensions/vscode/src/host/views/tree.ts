/** One view: rows from the core, and a sentence where there is none. */

import * as vscode from "vscode";

import { ago } from "../../core/ages";
import { contextOf, spoken, type Node } from "../../core/present/node";
import { noteNode } from "../../core/present/integrations";
import { sentence, stateOf, type ViewState } from "../../core/standing";
import type { SliceName } from "../../core/store";
import type { Group } from "../../core/statuses";
import { plain } from "../../core/text";
import { say } from "../../core/words";
import type { Stella } from "../stella";

export interface ViewOptions {
  readonly name: "releases" | "environments" | "deployments" | "integrations";
  readonly slice: SliceName;
  readonly scope: string;
  readonly nodes: () => Node[];
  /** Ask for what stands below a row. */
  readonly later?: (node: Node) => Promise<Node[]>;
  readonly badge?: () => vscode.ViewBadge | undefined;
}

const COLORS: Readonly<Record<Group, string | undefined>> = {
  waiting: "list.warningForeground",
  underway: "charts.blue",
  done: "testing.iconPassed",
  stopped: "disabledForeground",
  failed: "list.errorForeground",
  other: undefined,
};

export class StellaView implements vscode.TreeDataProvider<Node>, vscode.Disposable {
  private readonly changes = new vscode.EventEmitter<void>();
  readonly onDidChangeTreeData = this.changes.event;
  readonly view: vscode.TreeView<Node>;
  private readonly parents = new Map<string, Node>();
  private readonly disposables: vscode.Disposable[];
  private state: ViewState | undefined;

  constructor(
    private readonly stella: Stella,
    private readonly options: ViewOptions,
  ) {
    const id = `stellaOps.${options.name}`;
    this.view = vscode.window.createTreeView(id, { treeDataProvider: this, showCollapseAll: true });
    const ticking = setInterval(() => this.view.visible && this.show(), 30_000);
    this.disposables = [
      this.changes,
      this.view,
      { dispose: () => clearInterval(ticking) },
      stella.onChange(() => this.show()),
      this.view.onDidChangeVisibility(({ visible }) => stella.looking(id, visible)),
    ];
    stella.looking(id, this.view.visible);
    this.show();
  }

  getTreeItem(node: Node): vscode.TreeItem {
    const item = new vscode.TreeItem(node.label, folding(node));
    const color = node.tone === undefined ? undefined : COLORS[node.tone];
    item.id = node.id;
    item.description = node.description;
    item.contextValue = contextOf(node);
    item.iconPath = new vscode.ThemeIcon(node.icon, color === undefined ? undefined : new vscode.ThemeColor(color));
    item.accessibilityInformation = { label: spoken(node), role: "treeitem" };
    item.tooltip = tooltipOf(node);
    if (node.command === "reveal") {
      item.command = { command: "stellaOps.reveal", title: say("Show the integration"), arguments: [node] };
    } else if (node.command !== undefined) item.command = { command: node.command, title: node.label };
    return item;
  }

  async getChildren(node?: Node): Promise<Node[]> {
    const children = node === undefined ? this.roots() : node.children === "later" ? await this.options.later?.(node) : node.children;
    if (node !== undefined) for (const child of children ?? []) this.parents.set(child.id, node);
    return [...(children ?? [])];
  }

  getParent(node: Node): Node | undefined {
    return this.parents.get(node.id);
  }

  async reveal(thing: string): Promise<void> {
    const node = this.options.nodes().find((one) => one.thing === thing);
    if (node !== undefined) await this.view.reveal(node, { select: true, focus: true, expand: true });
  }

  dispose(): void {
    vscode.Disposable.from(...this.disposables).dispose();
  }

  private roots(): Node[] {
    const { name } = this.options;
    if (this.state === "offlineEmpty") {
      const { failure } = this.slice();
      return [
        noteNode(`note/${name}/why`, say("The server does not answer: {0}", failure === undefined ? "" : sentence(failure))),
        noteNode(`note/${name}/refresh`, say("Refresh"), "stellaOps.refresh"),
        noteNode(`note/${name}/log`, say("Show log"), "stellaOps.showLog"),
      ];
    }
    return this.state === "ready" || this.state === "offline" ? this.options.nodes() : [];
  }

  private slice(): ReturnType<() => Stella["store"]["contents"][SliceName]> {
    return this.stella.store.contents[this.options.slice];
  }

  private show(): void {
    const slice = this.slice();
    const state = stateOf(slice, this.stella.presence(), this.options.scope);
    if (state !== this.state) {
      this.state = state;
      void vscode.commands.executeCommand("setContext", `stellaOps.state.${this.options.name}`, state);
    }
    const stale = state === "offline" && slice.at !== undefined;
    this.view.message = stale ? say("The server does not answer. This is from {0}.", ago(slice.at ?? 0, Date.now())) : "";
    this.view.badge = state === "ready" ? this.options.badge?.() : undefined;
    this.changes.fire();
  }
}

function folding(node: Node): vscode.TreeItemCollapsibleState {
  if (node.children === "later") return vscode.TreeItemCollapsibleState.Collapsed;
  if (node.children.length === 0) return vscode.TreeItemCollapsibleState.None;
  return node.kind === "environment" ? vscode.TreeItemCollapsibleState.Expanded : vscode.TreeItemCollapsibleState.Collapsed;
}

function tooltipOf(node: Node): vscode.MarkdownString {
  const text = new vscode.MarkdownString(`**${plain(node.label)}**  \n${plain(node.description)}\n\n`);
  for (const [name, value] of node.facts) text.appendMarkdown(`${plain(name)}: ${plain(value)}  \n`);
  return text;
}

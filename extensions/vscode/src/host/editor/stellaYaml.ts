/** What the editor shows in a stella.yaml. */

import * as vscode from "vscode";

import { annotationsOf, knownNames, standingText } from "../../core/present/annotations";
import { analyse, type Analysis } from "../../core/stellaYaml/analyse";
import { completeAt, hoverAt, type Completion } from "../../core/stellaYaml/cursor";
import { fixTitle, messageOf, severityOf, SOURCE, type Finding } from "../../core/stellaYaml/findings";
import type { Range } from "../../core/stellaYaml/positions";
import { plain } from "../../core/text";
import { say } from "../../core/words";
import * as settings from "../settings";
import type { Stella } from "../stella";

const FILES: vscode.DocumentSelector = { pattern: "**/stella.yaml" };
const TYPING_MS = 200;

export function registerEditor(stella: Stella): vscode.Disposable {
  const editor = new StellaYaml(stella);
  return vscode.Disposable.from(
    editor,
    vscode.languages.registerCodeLensProvider(FILES, editor),
    vscode.languages.registerHoverProvider(FILES, editor),
    vscode.languages.registerCompletionItemProvider(FILES, editor, ":", " ", "-", "["),
    vscode.languages.registerCodeActionsProvider(FILES, editor, { providedCodeActionKinds: [vscode.CodeActionKind.QuickFix] }),
  );
}

class StellaYaml implements vscode.CodeLensProvider, vscode.HoverProvider, vscode.CompletionItemProvider, vscode.CodeActionProvider {
  private readonly diagnostics = vscode.languages.createDiagnosticCollection("stella-ops");
  private readonly lenses = new vscode.EventEmitter<void>();
  readonly onDidChangeCodeLenses = this.lenses.event;
  private readonly waiting = new Map<string, NodeJS.Timeout>();
  private readonly disposables: vscode.Disposable[];

  constructor(private readonly stella: Stella) {
    this.disposables = [
      this.diagnostics,
      this.lenses,
      vscode.workspace.onDidOpenTextDocument((document) => this.diagnose(document)),
      vscode.workspace.onDidCloseTextDocument(({ uri }) => this.diagnostics.delete(uri)),
      vscode.workspace.onDidChangeTextDocument(({ document }) => this.soon(document)),
      vscode.window.onDidChangeVisibleTextEditors((editors) => this.watch(editors)),
      vscode.workspace.onDidChangeConfiguration((event) => event.affectsConfiguration(settings.SECTION) && this.lenses.fire()),
      stella.onChange(() => this.all()),
    ];
    this.watch(vscode.window.visibleTextEditors);
    this.all();
  }

  provideCodeLenses(document: vscode.TextDocument): vscode.CodeLens[] {
    if (!settings.annotationsWanted() || this.stella.signedIn === undefined) return [];
    const { names } = this.analysed(document);
    const release = names.find(({ kind }) => kind === "release")?.name;
    return annotationsOf(names, this.stella.store.contents, Date.now()).flatMap((one) => {
      const lens = (title: string, command: string, ...args: unknown[]): vscode.CodeLens =>
        new vscode.CodeLens(rangeOf(one.name.range), { title, command: `stellaOps.${command}`, arguments: args });
      if (one.name.kind === "integration") {
        const check = this.stella.may("integration:operate") ? [lens(say("Check now"), "checkIntegration", one.thing)] : [];
        return [lens(one.text, "reveal", one.thing), ...check];
      }
      const shows = one.release === undefined ? lens(one.text, "") : lens(one.text, "showReleaseDetails", one.release);
      return this.stella.may("promotion:write") ? [shows, lens(say("Promote…"), "promoteRelease", one.thing, release)] : [shows];
    });
  }

  provideHover(document: vscode.TextDocument, position: vscode.Position): vscode.Hover | undefined {
    const hovered = hoverAt(document.getText(), document.offsetAt(position));
    if (hovered === undefined) return undefined;
    const { schema, named, range } = hovered;
    const text = new vscode.MarkdownString(`**${plain(say(schema.title))}**\n\n${say(schema.description)}`);
    const standing = named === undefined ? "" : standingText(named, this.stella.store.contents, Date.now());
    if (standing !== "") text.appendMarkdown(`\n\n${plain(standing)}`);
    return new vscode.Hover(text, rangeOf(range));
  }

  provideCompletionItems(document: vscode.TextDocument, position: vscode.Position): vscode.CompletionItem[] {
    const known = knownNames(this.stella.store.contents);
    const { range, items } = completeAt(document.getText(), document.offsetAt(position), known);
    return items.map((item) => this.completion(item, rangeOf(range)));
  }

  provideCodeActions(document: vscode.TextDocument, range: vscode.Range): vscode.CodeAction[] {
    const near = this.analysed(document).findings.filter((finding) => rangeOf(finding.range).intersection(range) !== undefined);
    return near.flatMap((finding) => finding.fixes.map((fix, place) => {
      const action = new vscode.CodeAction(fixTitle(fix), vscode.CodeActionKind.QuickFix);
      action.diagnostics = [diagnosticOf(finding)];
      action.isPreferred = place === 0 && fix.edit !== undefined;
      if (fix.edit === undefined) action.command = { command: "stellaOps.refresh", title: action.title };
      else {
        action.edit = new vscode.WorkspaceEdit();
        action.edit.replace(document.uri, rangeOf(fix.edit.range), fix.edit.newText);
      }
      return action;
    }));
  }

  dispose(): void {
    for (const timer of this.waiting.values()) clearTimeout(timer);
    vscode.Disposable.from(...this.disposables).dispose();
  }

  private completion({ label, insert, kind, schema }: Completion, range: vscode.Range): vscode.CompletionItem {
    const kinds = vscode.CompletionItemKind;
    const item = new vscode.CompletionItem(label, kind === "key" ? kinds.Property : kind === "value" ? kinds.Constant : kinds.Reference);
    item.insertText = insert;
    item.range = range;
    item.detail = say(schema.title);
    const standing = kind === "key" || kind === "value" ? "" : standingText({ kind, name: label }, this.stella.store.contents, Date.now());
    item.documentation = standing || say(schema.description);
    return item;
  }

  private analysed(document: vscode.TextDocument): Analysis {
    return analyse(document.getText(), knownNames(this.stella.store.contents));
  }

  private diagnose(document: vscode.TextDocument): void {
    if (!isStellaYaml(document)) return;
    this.diagnostics.set(document.uri, this.analysed(document).findings.map(diagnosticOf));
  }

  private soon(document: vscode.TextDocument): void {
    const key = document.uri.toString();
    clearTimeout(this.waiting.get(key));
    this.waiting.set(key, setTimeout(() => (this.waiting.delete(key), this.diagnose(document)), TYPING_MS));
  }

  private all(): void {
    vscode.workspace.textDocuments.forEach((document) => this.diagnose(document));
    this.lenses.fire();
  }

  private watch(editors: readonly vscode.TextEditor[]): void {
    this.stella.looking("stella.yaml", editors.some(({ document }) => isStellaYaml(document)));
  }
}

function isStellaYaml(document: vscode.TextDocument): boolean {
  return vscode.languages.match(FILES, document) > 0;
}

function diagnosticOf(finding: Finding): vscode.Diagnostic {
  const severity = severityOf(finding.code) === "error" ? vscode.DiagnosticSeverity.Error : vscode.DiagnosticSeverity.Warning;
  const diagnostic = new vscode.Diagnostic(rangeOf(finding.range), messageOf(finding), severity);
  diagnostic.source = SOURCE;
  diagnostic.code = finding.code;
  return diagnostic;
}

function rangeOf({ start, end }: Range): vscode.Range {
  return new vscode.Range(start.line, start.character, end.line, end.character);
}

package com.intellij.openapi.actionSystem;

public abstract class AnAction {
  private final Presentation template = new Presentation();

  public AnAction() {}

  public AnAction(String text) {
    template.setText(text);
  }

  public final Presentation getTemplatePresentation() {
    return template;
  }

  public ActionUpdateThread getActionUpdateThread() {
    return ActionUpdateThread.OLD_EDT;
  }

  public void update(AnActionEvent event) {}

  public abstract void actionPerformed(AnActionEvent event);
}

package com.intellij.openapi.actionSystem;

public abstract class ActionManager {
  public static ActionManager getInstance() {
    return com.intellij.openapi.application.ApplicationManager.getApplication().getService(ActionManager.class);
  }

  public abstract AnAction getAction(String actionId);

  public abstract ActionToolbar createActionToolbar(String place, ActionGroup group, boolean horizontal);
}

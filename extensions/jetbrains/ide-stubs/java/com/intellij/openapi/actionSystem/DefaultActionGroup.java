package com.intellij.openapi.actionSystem;

import java.util.List;

public class DefaultActionGroup extends ActionGroup {
  private final List<? extends AnAction> actions;

  public DefaultActionGroup(List<? extends AnAction> actions) {
    this.actions = actions;
  }

  public List<? extends AnAction> actions() {
    return actions;
  }
}

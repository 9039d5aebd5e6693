package com.intellij.openapi.editor.markup;

import com.intellij.openapi.actionSystem.ActionGroup;
import com.intellij.openapi.actionSystem.AnAction;
import javax.swing.Icon;

public abstract class GutterIconRenderer {
  public abstract Icon getIcon();

  public String getTooltipText() {
    return null;
  }

  public String getAccessibleName() {
    return null;
  }

  public AnAction getClickAction() {
    return null;
  }

  public ActionGroup getPopupMenuActions() {
    return null;
  }

  public boolean isNavigateAction() {
    return false;
  }

  @Override
  public abstract boolean equals(Object other);

  @Override
  public abstract int hashCode();
}

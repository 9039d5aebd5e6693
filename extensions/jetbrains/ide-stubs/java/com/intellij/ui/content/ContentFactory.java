package com.intellij.ui.content;

import javax.swing.JComponent;

public interface ContentFactory {
  static ContentFactory getInstance() {
    return com.intellij.openapi.application.ApplicationManager.getApplication().getService(ContentFactory.class);
  }

  Content createContent(JComponent component, String displayName, boolean isLockable);
}

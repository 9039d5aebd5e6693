package com.intellij.openapi.ui;

import javax.swing.JComponent;

public final class ValidationInfo {
  public final String message;
  public final JComponent component;

  public ValidationInfo(String message, JComponent component) {
    this.message = message;
    this.component = component;
  }
}

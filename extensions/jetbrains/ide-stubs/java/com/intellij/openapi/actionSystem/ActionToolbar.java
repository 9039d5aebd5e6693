package com.intellij.openapi.actionSystem;

import javax.swing.JComponent;

public interface ActionToolbar {
  JComponent getComponent();

  void setTargetComponent(JComponent component);
}

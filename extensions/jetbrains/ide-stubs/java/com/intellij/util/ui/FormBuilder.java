package com.intellij.util.ui;

import javax.swing.JComponent;
import javax.swing.JPanel;

public class FormBuilder {
  private final JPanel panel = new JPanel();

  public static FormBuilder createFormBuilder() {
    return new FormBuilder();
  }

  public FormBuilder addLabeledComponent(String label, JComponent component) {
    panel.add(component);
    return this;
  }

  public FormBuilder addComponent(JComponent component) {
    panel.add(component);
    return this;
  }

  public FormBuilder addComponentFillVertically(JComponent component, int topInset) {
    panel.add(component);
    return this;
  }

  public JPanel getPanel() {
    return panel;
  }
}

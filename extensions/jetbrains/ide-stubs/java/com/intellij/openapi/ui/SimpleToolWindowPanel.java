package com.intellij.openapi.ui;

import com.intellij.openapi.actionSystem.DataSink;
import com.intellij.openapi.actionSystem.UiDataProvider;
import javax.swing.JComponent;
import javax.swing.JPanel;

public class SimpleToolWindowPanel extends JPanel implements UiDataProvider {
  private JComponent toolbar;

  public SimpleToolWindowPanel(boolean vertical, boolean borderless) {}

  public void setToolbar(JComponent toolbar) {
    this.toolbar = toolbar;
  }

  public JComponent getToolbar() {
    return toolbar;
  }

  @Override
  public void uiDataSnapshot(DataSink sink) {}

  public void setContent(JComponent content) {
    add(content);
  }
}

package com.intellij.ui.content;

import com.intellij.openapi.Disposable;
import javax.swing.JComponent;

public interface Content {
  void setDisposer(Disposable disposer);

  JComponent getComponent();

  String getDisplayName();
}

package com.intellij.openapi.ui;

import com.intellij.openapi.project.Project;
import java.util.function.Predicate;
import javax.swing.JComponent;

public abstract class DialogWrapper {
  /** What a test does with a dialog: true is OK. */
  public static Predicate<DialogWrapper> shown;

  protected DialogWrapper(Project project) {}

  protected void init() {
    createCenterPanel();
  }

  public void setTitle(String title) {}

  protected final void setOKButtonText(String text) {}

  public boolean showAndGet() {
    return shown.test(this);
  }

  protected abstract JComponent createCenterPanel();

  public JComponent getPreferredFocusedComponent() {
    return null;
  }

  protected ValidationInfo doValidate() {
    return null;
  }
}

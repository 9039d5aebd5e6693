package com.intellij.ui.components;

import javax.swing.JLabel;

public class JBLabel extends JLabel {
  public JBLabel(String text) {
    super(text);
  }
}

package com.intellij.ui;

import com.intellij.openapi.actionSystem.ActionGroup;
import java.awt.event.MouseAdapter;
import javax.swing.JComponent;

public abstract class PopupHandler extends MouseAdapter {
  public static PopupHandler installPopupMenu(JComponent component, ActionGroup group, String place) {
    component.putClientProperty(place, group);
    return new PopupHandler() {};
  }
}

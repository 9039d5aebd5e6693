package com.intellij.openapi.util;

import javax.swing.Icon;
import javax.swing.ImageIcon;

public final class IconLoader {
  public static Icon getIcon(String path, Class<?> aClass) {
    if (aClass.getResource(path) == null) throw new IllegalArgumentException(path);
    return new ImageIcon();
  }
}

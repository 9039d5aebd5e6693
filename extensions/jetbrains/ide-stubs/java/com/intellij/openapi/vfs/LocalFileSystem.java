package com.intellij.openapi.vfs;

public abstract class LocalFileSystem {
  public static LocalFileSystem getInstance() {
    return com.intellij.openapi.application.ApplicationManager.getApplication().getService(LocalFileSystem.class);
  }

  public abstract VirtualFile refreshAndFindFileByPath(String path);
}

package com.intellij.codeInsight.daemon;

import com.intellij.openapi.project.Project;

public abstract class DaemonCodeAnalyzer {
  public static DaemonCodeAnalyzer getInstance(Project project) {
    return project.getService(DaemonCodeAnalyzer.class);
  }

  public abstract void restart();
}

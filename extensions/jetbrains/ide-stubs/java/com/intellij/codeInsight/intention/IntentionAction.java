package com.intellij.codeInsight.intention;

import com.intellij.openapi.editor.Editor;
import com.intellij.openapi.project.Project;
import com.intellij.psi.PsiFile;

public interface IntentionAction {
  String getText();

  String getFamilyName();

  boolean isAvailable(Project project, Editor editor, PsiFile file);

  void invoke(Project project, Editor editor, PsiFile file);

  boolean startInWriteAction();
}

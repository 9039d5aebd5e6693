package com.intellij.lang.annotation;

import com.intellij.openapi.editor.Editor;
import com.intellij.psi.PsiFile;

public abstract class ExternalAnnotator<InitialInfoType, AnnotationResultType> {
  public InitialInfoType collectInformation(PsiFile file) {
    return null;
  }

  public InitialInfoType collectInformation(PsiFile file, Editor editor, boolean hasErrors) {
    return collectInformation(file);
  }

  public AnnotationResultType doAnnotate(InitialInfoType collectedInfo) {
    return null;
  }

  public void apply(PsiFile file, AnnotationResultType annotationResult, AnnotationHolder holder) {}
}

package com.intellij.codeInsight.completion;

import com.intellij.psi.PsiFile;

public final class CompletionParameters {
  private final PsiFile file;
  private final int offset;

  public CompletionParameters(PsiFile file, int offset) {
    this.file = file;
    this.offset = offset;
  }

  public PsiFile getOriginalFile() {
    return file;
  }

  public int getOffset() {
    return offset;
  }
}

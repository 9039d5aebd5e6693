package com.intellij.codeInsight.completion;

public abstract class CompletionContributor {
  public void fillCompletionVariants(CompletionParameters parameters, CompletionResultSet result) {}
}

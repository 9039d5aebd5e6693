package com.intellij.codeInsight.completion;

import com.intellij.codeInsight.lookup.LookupElement;

public abstract class CompletionResultSet {
  public abstract void addElement(LookupElement element);
}

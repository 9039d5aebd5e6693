package com.intellij.codeInsight.lookup;

public final class LookupElementBuilder extends LookupElement {
  private final String lookupString;

  private LookupElementBuilder(String lookupString) {
    this.lookupString = lookupString;
  }

  public static LookupElementBuilder create(String lookupString) {
    return new LookupElementBuilder(lookupString);
  }

  public LookupElementBuilder withTypeText(String typeText) {
    return this;
  }

  @Override
  public String getLookupString() {
    return lookupString;
  }
}

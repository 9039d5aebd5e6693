package com.intellij.lang.annotation;

public class HighlightSeverity {
  public static final HighlightSeverity INFORMATION = new HighlightSeverity("INFORMATION");
  public static final HighlightSeverity WARNING = new HighlightSeverity("WARNING");
  public static final HighlightSeverity ERROR = new HighlightSeverity("ERROR");
  public final String myName;

  private HighlightSeverity(String name) {
    myName = name;
  }
}

package com.intellij.lang.annotation;

public interface AnnotationHolder {
  AnnotationBuilder newAnnotation(HighlightSeverity severity, String message);

  AnnotationBuilder newSilentAnnotation(HighlightSeverity severity);
}

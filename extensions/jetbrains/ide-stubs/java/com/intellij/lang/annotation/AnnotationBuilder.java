package com.intellij.lang.annotation;

import com.intellij.codeInsight.intention.IntentionAction;
import com.intellij.openapi.editor.markup.GutterIconRenderer;
import com.intellij.openapi.util.TextRange;

public interface AnnotationBuilder {
  AnnotationBuilder range(TextRange range);

  AnnotationBuilder fileLevel();

  AnnotationBuilder withFix(IntentionAction fix);

  AnnotationBuilder gutterIconRenderer(GutterIconRenderer renderer);

  void create();
}

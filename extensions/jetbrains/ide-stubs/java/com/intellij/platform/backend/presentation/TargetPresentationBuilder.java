package com.intellij.platform.backend.presentation;

public interface TargetPresentationBuilder {
  TargetPresentation presentation();
}

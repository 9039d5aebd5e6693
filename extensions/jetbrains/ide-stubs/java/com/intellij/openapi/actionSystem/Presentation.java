package com.intellij.openapi.actionSystem;

public final class Presentation {
  private boolean enabledAndVisible = true;
  private String text;

  public void setEnabledAndVisible(boolean value) {
    enabledAndVisible = value;
  }

  public boolean isEnabledAndVisible() {
    return enabledAndVisible;
  }

  public void setText(String text) {
    this.text = text;
  }

  public String getText() {
    return text;
  }
}

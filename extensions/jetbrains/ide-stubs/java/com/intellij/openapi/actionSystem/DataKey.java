package com.intellij.openapi.actionSystem;

public class DataKey<T> {
  private final String name;

  private DataKey(String name) {
    this.name = name;
  }

  public static <T> DataKey<T> create(String name) {
    return new DataKey<>(name);
  }

  public final String getName() {
    return name;
  }
}

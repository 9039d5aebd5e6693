package com.intellij.model;

public interface Pointer<T> {
  T dereference();

  static <T> Pointer<T> hardPointer(T value) {
    return () -> value;
  }
}

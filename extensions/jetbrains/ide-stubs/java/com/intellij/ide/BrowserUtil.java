package com.intellij.ide;

import java.util.function.Consumer;

public final class BrowserUtil {
  /** What a test does with a page. */
  public static Consumer<String> opened;

  public static void browse(String url) {
    opened.accept(url);
  }
}

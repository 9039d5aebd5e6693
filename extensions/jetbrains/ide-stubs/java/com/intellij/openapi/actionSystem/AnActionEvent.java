package com.intellij.openapi.actionSystem;

import com.intellij.openapi.project.Project;
import java.util.Map;

public class AnActionEvent {
  private final Project project;
  private final String place;
  private final Map<DataKey<?>, Object> data;
  private final Presentation presentation = new Presentation();

  public AnActionEvent(Project project, String place, Map<DataKey<?>, Object> data) {
    this.project = project;
    this.place = place;
    this.data = data;
  }

  public final Project getProject() {
    return project;
  }

  public final String getPlace() {
    return place;
  }

  public final Presentation getPresentation() {
    return presentation;
  }

  @SuppressWarnings("unchecked")
  public final <T> T getData(DataKey<T> key) {
    return (T) data.get(key);
  }
}

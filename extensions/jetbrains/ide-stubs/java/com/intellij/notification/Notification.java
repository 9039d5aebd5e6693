package com.intellij.notification;

import com.intellij.openapi.actionSystem.AnAction;
import com.intellij.openapi.project.Project;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

public class Notification {
  private final String content;
  private final NotificationType type;
  private final List<AnAction> actions = new ArrayList<>();

  public Notification(String groupId, String content, NotificationType type) {
    this.content = content;
    this.type = type;
  }

  public String getContent() {
    return content;
  }

  public NotificationType getType() {
    return type;
  }

  public List<AnAction> getActions() {
    return actions;
  }

  public Notification addAction(AnAction action) {
    actions.add(action);
    return this;
  }

  public void notify(Project project) {
    Notifications.shown.add(this);
  }

  /** What a test looks at. */
  public static final class Notifications {
    public static final List<Notification> shown = new CopyOnWriteArrayList<>();
  }
}

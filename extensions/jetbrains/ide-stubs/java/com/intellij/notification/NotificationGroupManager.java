package com.intellij.notification;

public interface NotificationGroupManager {
  static NotificationGroupManager getInstance() {
    return com.intellij.openapi.application.ApplicationManager.getApplication().getService(NotificationGroupManager.class);
  }

  NotificationGroup getNotificationGroup(String groupId);
}

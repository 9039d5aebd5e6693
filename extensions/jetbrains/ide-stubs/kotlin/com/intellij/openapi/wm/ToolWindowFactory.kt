package com.intellij.openapi.wm

import com.intellij.openapi.project.Project

interface ToolWindowFactory {
    suspend fun isApplicableAsync(project: Project): Boolean = true

    fun createToolWindowContent(project: Project, toolWindow: ToolWindow)

    fun init(toolWindow: ToolWindow) {}

    fun shouldBeAvailable(project: Project): Boolean = true
}

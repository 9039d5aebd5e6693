package com.intellij.openapi.wm

import com.intellij.openapi.project.Project

abstract class ToolWindowManager {
    abstract fun getToolWindow(id: String?): ToolWindow?

    companion object {
        @JvmStatic
        fun getInstance(project: Project): ToolWindowManager = project.getService(ToolWindowManager::class.java)
    }
}

package io.stellaops.ide

import com.intellij.openapi.project.Project
import com.intellij.openapi.startup.ProjectActivity

/** Where the plugin begins: when a project is open, its tasks begin. Nothing here waits for the network. */
class StellaOpsPlugin : ProjectActivity {
    override suspend fun execute(project: Project) = ProjectTasks.of(project).begin()
}

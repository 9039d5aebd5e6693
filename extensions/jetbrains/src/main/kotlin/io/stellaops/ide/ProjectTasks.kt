package io.stellaops.ide

import com.intellij.codeInsight.daemon.DaemonCodeAnalyzer
import com.intellij.openapi.application.ApplicationManager
import com.intellij.openapi.components.Service
import com.intellij.openapi.diagnostic.Logger
import com.intellij.openapi.project.Project
import com.intellij.platform.ide.progress.withBackgroundProgress
import io.stellaops.core.Words
import io.stellaops.core.command.Command
import io.stellaops.core.present.Row
import io.stellaops.core.state.Snapshot
import io.stellaops.ide.actions.Dispatch
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import kotlinx.coroutines.withContext
import java.util.concurrent.atomic.AtomicBoolean
import kotlin.time.Duration.Companion.seconds

/** Everything that runs for one project; its scope ends with the project. */
@Service(Service.Level.PROJECT)
class ProjectTasks(private val project: Project, private val scope: CoroutineScope) {
    private val app get() = StellaOps.get()
    private val begun = AtomicBoolean()

    /** Takes up the sign-in of the last run, and asks the servers from time to time. */
    fun begin() {
        if (!begun.compareAndSet(false, true)) return
        val listening = app.store.listen(::restartAnalysis)
        scope.launch(Dispatchers.IO) {
            try {
                if (app.session.identity == null) app.session.restore()
                while (true) {
                    refresh()
                    delay(app.store.nextPollSeconds().seconds)
                }
            } finally {
                listening.close()
            }
        }
    }

    /** Runs a command in the background, with a progress that can be cancelled. */
    fun run(command: Command, row: Row? = null): Job = scope.launch(Dispatchers.IO) {
        try {
            withBackgroundProgress(project, Words.of("task.title", Words.of(command.id)), true) {
                Dispatch(app, project).perform(command, row)
            }
        } catch (cancelled: CancellationException) {
            throw cancelled
        } catch (@Suppress("TooGenericExceptionCaught") fault: Exception) {
            LOG.warn("a command failed: ${command.id}", fault)
            withContext(Dispatchers.IO) { IdePerson(project).warn(Words.of("fault")) }
        }
    }

    /** Asks the servers now and writes a line of it into the log. */
    suspend fun refresh() {
        app.store.refresh()
        val seen = app.store.snapshot
        if (seen.identity == null) return
        val counts = listOf(seen.releases, seen.environments, seen.promotions, seen.integrations).map { it.items.size }
        app.journal.add(Words.of("log.refreshed", counts[0], counts[1], counts[2], counts[3]))
        seen.listings.mapNotNull {
            it.problem
        }.forEach { app.journal.add(Words.of("log.trouble", it.kind.word, it.sentence)) }
    }

    private fun restartAnalysis(@Suppress("UNUSED_PARAMETER") seen: Snapshot) {
        ApplicationManager.getApplication().invokeLater {
            if (!project.isDisposed) DaemonCodeAnalyzer.getInstance(project).restart()
        }
    }

    companion object {
        private val LOG = Logger.getInstance(ProjectTasks::class.java)

        /** Those of a project. */
        fun of(project: Project): ProjectTasks = project.getService(ProjectTasks::class.java)
    }
}

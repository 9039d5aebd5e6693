package io.stellaops.ide

import com.intellij.codeInsight.daemon.DaemonCodeAnalyzer
import com.intellij.credentialStore.CredentialAttributes
import com.intellij.ide.passwordSafe.PasswordSafe
import com.intellij.mock.MockApplication
import com.intellij.notification.Notification
import com.intellij.notification.NotificationGroup
import com.intellij.notification.NotificationGroupManager
import com.intellij.openapi.Disposable
import com.intellij.openapi.actionSystem.ActionGroup
import com.intellij.openapi.actionSystem.ActionManager
import com.intellij.openapi.actionSystem.ActionToolbar
import com.intellij.openapi.actionSystem.AnAction
import com.intellij.openapi.actionSystem.DefaultActionGroup
import com.intellij.openapi.application.ApplicationManager
import com.intellij.openapi.fileEditor.FileEditor
import com.intellij.openapi.fileEditor.FileEditorManager
import com.intellij.openapi.options.Configurable
import com.intellij.openapi.options.ShowSettingsUtil
import com.intellij.openapi.project.Project
import com.intellij.openapi.util.Disposer
import com.intellij.openapi.vfs.LocalFileSystem
import com.intellij.openapi.vfs.VirtualFile
import com.intellij.openapi.wm.ToolWindow
import com.intellij.openapi.wm.ToolWindowManager
import com.intellij.platform.ide.progress.progresses
import com.intellij.testFramework.LightVirtualFile
import com.intellij.ui.content.Content
import com.intellij.ui.content.ContentFactory
import com.intellij.ui.content.ContentManager
import com.intellij.util.net.ssl.CertificateManager
import io.stellaops.core.Settings
import io.stellaops.core.present.View
import io.stellaops.ide.settings.SettingsState
import io.stellaops.ide.ui.StellaToolWindow
import io.stellaops.ide.ui.ViewPanel
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.cancel
import kotlinx.coroutines.job
import kotlinx.coroutines.joinAll
import kotlinx.coroutines.runBlocking
import java.awt.Component
import java.awt.Container
import java.lang.reflect.Proxy
import java.util.concurrent.ConcurrentHashMap
import java.util.concurrent.CopyOnWriteArrayList
import java.util.concurrent.atomic.AtomicInteger
import javax.swing.JComponent
import javax.swing.JPanel
import javax.swing.SwingUtilities

/** Stands in for an interface of the IDE. */
inline fun <reified T> standIn(crossinline answer: (String, List<Any?>) -> Any?): T =
    Proxy.newProxyInstance(T::class.java.classLoader, arrayOf(T::class.java)) { self, method, arguments ->
        when (method.name) {
            "equals" -> self === arguments[0]
            "hashCode" -> System.identityHashCode(self)
            "toString" -> T::class.java.simpleName
            else -> answer(method.name, arguments.orEmpty().toList())
        }
    } as T

/**
 * An IDE with one project, as far as there is one: its real Disposer and MockApplication, and declared classes for the rest.
 */
class Ide(settings: Settings, secret: String? = null) : AutoCloseable {
    private val life = Disposer.newDisposable("a test")
    private val scope = CoroutineScope(SupervisorJob())

    /** What the password safe holds, by the entry's names. */
    val safe = ConcurrentHashMap<String, String>()

    /** How often the editor was told to look again, and the tool window to come forward. */
    val restarts = AtomicInteger()
    val activations = AtomicInteger()

    /** The tabs of the tool window: name, component, and what ends it. */
    val tabs = CopyOnWriteArrayList<Triple<String, ViewPanel, Disposable>>()

    /** The files that were opened, and the settings pages. */
    val files = CopyOnWriteArrayList<VirtualFile>()
    val pages = CopyOnWriteArrayList<Class<*>>()

    private val disposers = HashMap<Any, Disposable>()
    private val manager = standIn<ContentManager> { _, given ->
        val content = given.single() as Content
        tabs += Triple(content.displayName, content.component as ViewPanel, disposers.getValue(content.component))
        null
    }
    val window = standIn<ToolWindow> { method, _ ->
        if (method == "activate") activations.incrementAndGet().let { null } else manager
    }
    val project: Project = standIn { method, given ->
        when (method) {
            "getService" -> services.getValue(given.single() as Class<*>)
            "isDisposed" -> false
            "getBasePath" -> "/project"
            else -> null
        }
    }
    private val services: Map<Class<*>, Any> by lazy {
        mapOf(
            FileEditorManager::class.java to object : FileEditorManager() {
                override fun openFile(file: VirtualFile, focusEditor: Boolean): Array<FileEditor> {
                    check(SwingUtilities.isEventDispatchThread()) { "editors are opened on the event thread" }
                    files += file
                    return emptyArray()
                }
            },
            ProjectTasks::class.java to tasks,
            DaemonCodeAnalyzer::class.java to object : DaemonCodeAnalyzer() {
                override fun restart() {
                    restarts.incrementAndGet()
                }
            },
            ToolWindowManager::class.java to object : ToolWindowManager() {
                override fun getToolWindow(id: String?) = window.takeIf { id == StellaToolWindow.ID }
            },
        )
    }
    val tasks = ProjectTasks(project, scope)

    init {
        System.setProperty("idea.config.path", System.getProperty("java.io.tmpdir"))
        Notification.Notifications.shown.clear()
        progresses.clear()
        val app = Application(life)
        ApplicationManager.setApplication(app, life)
        app.registerService(PasswordSafe::class.java, Safebox())
        app.registerService(CertificateManager::class.java, CertificateManager())
        app.registerService(ActionManager::class.java, Actions())
        app.registerService(ContentFactory::class.java, standIn<ContentFactory> { _, given -> content(given) })
        app.registerService(
            NotificationGroupManager::class.java,
            standIn<NotificationGroupManager> { _, given ->
                check(given.single() == IdePerson.GROUP)
                NotificationGroup()
            },
        )
        app.registerService(ShowSettingsUtil::class.java, SettingsDialog())
        app.registerService(LocalFileSystem::class.java, Files())
        app.registerService(SettingsState::class.java, SettingsState().also { it.settings = settings })
        secret?.let { safe["IntelliJ Platform Stella Ops — refresh token"] = it }
        app.registerService(StellaOps::class.java, StellaOps().also { it.store.settle() })
        if (secret != null) StellaOps.get().session.restore()
    }

    private fun content(given: List<Any?>): Content = standIn { method, more ->
        when (method) {
            "setDisposer" -> disposers.put(given[0]!!, more.single() as Disposable).let { null }
            "getComponent" -> given[0]
            else -> given[1]
        }
    }

    /** Opens the tool window, as the IDE does when it is first shown. */
    fun openWindow() = onEventThread { StellaToolWindow().createToolWindowContent(project, window) }

    fun panel(view: View): ViewPanel = tabs.single { it.first == view.title }.second

    /** Asks the servers, and lets the event thread show what came. */
    fun refresh() {
        runBlocking { tasks.refresh() }
        onEventThread { }
    }

    /** Waits until all tasks of the project are over. */
    fun join() {
        runBlocking { scope.coroutineContext.job.children.toList().joinAll() }
        onEventThread { }
    }

    /** Closes the project: its scope ends. */
    fun closeProject() {
        scope.cancel()
        join()
    }

    override fun close() {
        closeProject()
        tabs.forEach { Disposer.dispose(it.third) }
        Disposer.dispose(life)
    }

    private class Application(life: Disposable) : MockApplication(life) {
        override fun invokeLater(runnable: Runnable) = SwingUtilities.invokeLater(runnable)
    }

    private inner class Safebox : PasswordSafe() {
        override fun getPassword(attributes: CredentialAttributes): String? {
            check(!SwingUtilities.isEventDispatchThread()) { "the password safe blocks" }
            return safe[attributes.serviceName]
        }

        override fun setPassword(attributes: CredentialAttributes, password: String?) {
            check(!SwingUtilities.isEventDispatchThread()) { "the password safe blocks" }
            if (password == null) safe.remove(attributes.serviceName) else safe[attributes.serviceName] = password
        }
    }

    private inner class SettingsDialog : ShowSettingsUtil() {
        override fun <T : Configurable> showSettingsDialog(project: Project, toSelect: Class<T>) {
            check(SwingUtilities.isEventDispatchThread()) { "dialogs are shown on the event thread" }
            pages += toSelect
        }
    }

    /** A folder with one document. */
    private class Files : LocalFileSystem() {
        override fun refreshAndFindFileByPath(path: String): VirtualFile? =
            LightVirtualFile("stella.yml", "").takeIf { path == "/project/stella.yml" }
    }

    private class Actions : ActionManager() {
        override fun getAction(actionId: String): AnAction = DefaultActionGroup(emptyList())

        override fun createActionToolbar(place: String, group: ActionGroup, horizontal: Boolean): ActionToolbar =
            standIn { method, _ -> JPanel().takeIf { method == "getComponent" } }
    }

    companion object {
        /** Does something on the event thread, after all that waits there. */
        fun <T> onEventThread(doing: () -> T): T {
            var done: Result<T>? = null
            SwingUtilities.invokeAndWait { done = runCatching(doing) }
            return done!!.getOrThrow()
        }

        /** All components of a type, in their order. */
        inline fun <reified T : JComponent> within(of: Component): List<T> = everything(of).filterIsInstance<T>()

        fun everything(of: Component): List<Component> =
            listOf(of) + (of as? Container)?.components.orEmpty().flatMap(::everything)
    }
}

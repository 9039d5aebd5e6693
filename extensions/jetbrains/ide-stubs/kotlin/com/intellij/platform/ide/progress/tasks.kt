package com.intellij.platform.ide.progress

import com.intellij.openapi.project.Project
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.coroutineScope
import java.util.concurrent.CopyOnWriteArrayList

/** What a test looks at: the title of each progress, and whether it can be cancelled. */
val progresses = CopyOnWriteArrayList<Pair<String, Boolean>>()

suspend fun <T> withBackgroundProgress(
    @Suppress("UNUSED_PARAMETER") project: Project,
    title: String,
    cancellable: Boolean,
    action: suspend CoroutineScope.() -> T,
): T {
    progresses += title to cancellable
    return coroutineScope(action)
}

package com.intellij.openapi.application

import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Runnable
import javax.swing.SwingUtilities
import kotlin.coroutines.CoroutineContext

private object EventThread : CoroutineDispatcher() {
    override fun dispatch(context: CoroutineContext, block: Runnable) = SwingUtilities.invokeLater(block)
}

@Suppress("UnusedReceiverParameter")
val Dispatchers.EDT: CoroutineContext get() = EventThread

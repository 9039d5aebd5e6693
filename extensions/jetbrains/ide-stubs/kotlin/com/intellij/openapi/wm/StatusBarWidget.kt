package com.intellij.openapi.wm

import com.intellij.openapi.Disposable
import com.intellij.util.Consumer
import java.awt.event.MouseEvent

interface StatusBarWidget : Disposable {
    fun ID(): String

    fun getPresentation(): WidgetPresentation? = null

    fun install(statusBar: StatusBar) {}

    override fun dispose() {}

    interface WidgetPresentation {
        fun getTooltipText(): String? = null

        fun getClickConsumer(): Consumer<MouseEvent>? = null
    }

    interface TextPresentation : WidgetPresentation {
        fun getText(): String

        fun getAlignment(): Float
    }
}

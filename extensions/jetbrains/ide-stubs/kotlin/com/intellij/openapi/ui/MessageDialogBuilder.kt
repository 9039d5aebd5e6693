package com.intellij.openapi.ui

import com.intellij.openapi.project.Project

sealed class MessageDialogBuilder<T : MessageDialogBuilder<T>>(protected val title: String, protected val message: String) {
    protected abstract fun getThis(): T

    fun yesText(@Suppress("UNUSED_PARAMETER") yesText: String): T = getThis()

    fun noText(@Suppress("UNUSED_PARAMETER") noText: String): T = getThis()

    class YesNo internal constructor(title: String, message: String) : MessageDialogBuilder<YesNo>(title, message) {
        override fun getThis(): YesNo = this

        fun ask(@Suppress("UNUSED_PARAMETER") project: Project?): Boolean = answer("$title: $message")
    }

    companion object {
        /** What a test answers. */
        var answer: (String) -> Boolean = { false }

        @JvmStatic
        fun yesNo(title: String, message: String): YesNo = YesNo(title, message)
    }
}

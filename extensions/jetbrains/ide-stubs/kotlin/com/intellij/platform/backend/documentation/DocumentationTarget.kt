package com.intellij.platform.backend.documentation

import com.intellij.model.Pointer
import com.intellij.platform.backend.presentation.TargetPresentation

interface DocumentationTarget {
    fun createPointer(): Pointer<out DocumentationTarget>

    fun computePresentation(): TargetPresentation

    fun computeDocumentation(): DocumentationResult? = null
}

sealed interface DocumentationResult {
    companion object {
        @JvmStatic
        fun documentation(html: String): Documentation = object : Documentation {
            override val html = html
        }
    }

    interface Documentation : DocumentationResult {
        val html: String
    }
}

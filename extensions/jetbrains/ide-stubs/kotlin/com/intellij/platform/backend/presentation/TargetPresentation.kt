package com.intellij.platform.backend.presentation

interface TargetPresentation {
    val presentableText: String

    companion object {
        @JvmStatic
        fun builder(presentableText: String): TargetPresentationBuilder = TargetPresentationBuilder {
            object : TargetPresentation {
                override val presentableText = presentableText
            }
        }
    }
}

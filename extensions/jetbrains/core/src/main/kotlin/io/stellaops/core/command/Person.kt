package io.stellaops.core.command

import io.stellaops.core.signin.DeviceCode

/** One thing that is asked. */
sealed interface Field {
    val id: String
    val label: String

    /** One of some; [chosen] is offered first. */
    data class Choice(
        override val id: String,
        override val label: String,
        val options: List<Option>,
        val chosen: String? = null,
    ) : Field

    /** A text. */
    data class Text(
        override val id: String,
        override val label: String,
        val required: Boolean = false,
        val value: String = "",
    ) : Field
}

/** A value and what it is called. */
data class Option(val value: String, val label: String)

/** Some things that are asked together. */
data class Question(val title: String, val action: String, val fields: List<Field>)

/** Whoever gives the commands; the IDE's dialogs and notifications. */
interface Person {
    /** The answers by field; null where the person changed their mind. */
    suspend fun ask(question: Question): Map<String, String>?

    suspend fun confirm(title: String, text: String, action: String): Boolean

    suspend fun tell(text: String)

    suspend fun warn(text: String)

    /** Opens a page in the browser; false where that cannot be done. */
    suspend fun browse(url: String): Boolean

    /** Shows a page of text. */
    suspend fun show(title: String, text: String)

    /** Shows a code to enter at the Authority. */
    suspend fun showCode(code: DeviceCode)
}

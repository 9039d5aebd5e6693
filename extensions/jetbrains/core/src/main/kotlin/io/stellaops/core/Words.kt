package io.stellaops.core

import java.text.MessageFormat
import java.util.Locale
import java.util.MissingResourceException
import java.util.ResourceBundle

/** The sentences people read: `messages/StellaOpsBundle.properties`. Parity's ids are its keys. */
object Words {
    private val bundle: ResourceBundle = ResourceBundle.getBundle("messages.StellaOpsBundle", Locale.ROOT)

    /** The sentence of a key, its arguments put in as they are. */
    fun of(key: String, vararg arguments: Any): String =
        MessageFormat(bundle.getString(key), Locale.ROOT).format(Array(arguments.size) { arguments[it].toString() })

    /** The sentence of a key, null where there is none. */
    fun ofOrNull(key: String): String? = try {
        bundle.getString(key)
    } catch (_: MissingResourceException) {
        null
    }

    /** Every key. */
    fun keys(): Set<String> = bundle.keySet()
}

package io.stellaops.ide.ui

import com.intellij.openapi.util.IconLoader
import io.stellaops.core.present.Group
import javax.swing.Icon

/** The plugin's icons; each has a variant for dark themes, which the platform finds by its name. */
object Icons {
    /** The icon of a group of statuses: each has a shape of its own. */
    fun of(group: Group): Icon = IconLoader.getIcon("/icons/${group.name.lowercase()}.svg", Icons::class.java)
}

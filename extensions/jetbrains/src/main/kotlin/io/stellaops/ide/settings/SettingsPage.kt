package io.stellaops.ide.settings

import com.intellij.openapi.options.Configurable
import com.intellij.openapi.options.ConfigurationException
import com.intellij.ui.components.JBCheckBox
import com.intellij.ui.components.JBTextField
import com.intellij.util.ui.FormBuilder
import io.stellaops.core.Settings
import io.stellaops.core.Words
import io.stellaops.ide.StellaOps
import javax.swing.JComponent
import javax.swing.JPanel

/** The settings page: one field per setting of `parity.json`, checked before anything is kept. */
class SettingsPage : Configurable {
    private val texts = TEXTS.associateWith { JBTextField() }
    private val annotations = JBCheckBox(Words.of("stellaOps.annotations"))

    override fun getDisplayName(): String = Words.of("container.stellaOps")

    override fun createComponent(): JComponent {
        val form = FormBuilder.createFormBuilder()
        texts.forEach { (name, field) -> form.addLabeledComponent(Words.of("stellaOps.$name"), field) }
        reset()
        return form.addComponent(annotations).addComponentFillVertically(JPanel(), 0).panel
    }

    override fun isModified(): Boolean = entered() != SettingsState.get().settings

    @Throws(ConfigurationException::class)
    override fun apply() {
        val entered = entered()
        entered.problems().firstOrNull()?.let { throw ConfigurationException(it) }
        val before = SettingsState.get().settings
        SettingsState.get().settings = entered
        if (servers(before) != servers(entered)) StellaOps.get().store.forget() else StellaOps.get().store.settle()
    }

    override fun reset() {
        val kept = SettingsState.get().state
        field("platformUrl").text = kept.platformUrl
        field("hubUrl").text = kept.hubUrl
        field("authorityUrl").text = kept.authorityUrl
        field("tokenPath").text = kept.tokenPath
        field("clientId").text = kept.clientId
        field("scopes").text = kept.scopes
        field("pollIntervalSeconds").text = kept.pollIntervalSeconds.toString()
        field("caFile").text = kept.caFile
        annotations.isSelected = kept.annotations
    }

    private fun servers(of: Settings) = listOf(of.platformUrl, of.hubUrl, of.authorityUrl, of.clientId)

    private fun entered() = Settings(
        text("platformUrl"),
        text("hubUrl"),
        text("authorityUrl"),
        text("tokenPath"),
        text("clientId"),
        text("scopes"),
        text("pollIntervalSeconds").toIntOrNull() ?: 0,
        text("caFile"),
        annotations.isSelected,
    )

    private fun field(name: String) = texts.getValue(name)

    private fun text(name: String): String = field(name).text.trim()

    private companion object {
        val TEXTS = listOf(
            "platformUrl",
            "hubUrl",
            "authorityUrl",
            "tokenPath",
            "clientId",
            "scopes",
            "pollIntervalSeconds",
            "caFile",
        )
    }
}

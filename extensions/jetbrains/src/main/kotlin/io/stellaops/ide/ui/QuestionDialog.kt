package io.stellaops.ide.ui

import com.intellij.openapi.project.Project
import com.intellij.openapi.ui.ComboBox
import com.intellij.openapi.ui.DialogWrapper
import com.intellij.openapi.ui.ValidationInfo
import com.intellij.ui.components.JBTextField
import com.intellij.util.ui.FormBuilder
import io.stellaops.core.Words
import io.stellaops.core.command.Field
import io.stellaops.core.command.Option
import io.stellaops.core.command.Question
import javax.swing.JComponent

/** Asks the fields of a question. */
class QuestionDialog(project: Project, private val question: Question) : DialogWrapper(project) {
    private val inputs: Map<Field, JComponent> = question.fields.associateWith { field ->
        when (field) {
            is Field.Choice -> ComboBox(field.options.map(::Item).toTypedArray()).apply {
                val chosen = field.options.indexOfFirst { it.value == field.chosen }
                if (chosen >= 0) selectedIndex = chosen
            }

            is Field.Text -> JBTextField(field.value)
        }
    }

    init {
        setTitle(question.title)
        setOKButtonText(question.action)
        init()
    }

    /** What was entered, by field. */
    fun answers(): Map<String, String> = inputs.entries.associate { (field, input) -> field.id to value(input) }

    override fun createCenterPanel(): JComponent {
        val form = FormBuilder.createFormBuilder()
        inputs.forEach { (field, input) -> form.addLabeledComponent(field.label, input) }
        return form.panel
    }

    override fun getPreferredFocusedComponent(): JComponent? = inputs.values.firstOrNull()

    override fun doValidate(): ValidationInfo? = inputs.entries
        .firstOrNull { (field, input) -> field is Field.Text && field.required && value(input).isBlank() }
        ?.let { (field, input) -> ValidationInfo(Words.of("ask.required", field.label), input) }

    private fun value(input: JComponent): String {
        if (input is JBTextField) return input.text.trim()
        return ((input as ComboBox<*>).selectedItem as? Item)?.option?.value.orEmpty()
    }

    private class Item(val option: Option) {
        override fun toString(): String = option.label
    }
}

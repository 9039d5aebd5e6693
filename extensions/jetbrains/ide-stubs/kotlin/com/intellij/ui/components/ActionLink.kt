package com.intellij.ui.components

import java.awt.event.ActionEvent
import javax.swing.JButton

open class ActionLink() : JButton() {
    constructor(text: String, perform: (ActionEvent) -> Unit) : this() {
        this.text = text
        addActionListener(perform)
    }
}

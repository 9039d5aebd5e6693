package io.stellaops.ide.ui

import com.intellij.ui.table.JBTable
import com.intellij.ui.treeStructure.Tree
import io.stellaops.core.Words
import io.stellaops.core.present.Row
import java.awt.Component
import javax.swing.JComponent
import javax.swing.JTable
import javax.swing.JTree
import javax.swing.ListSelectionModel
import javax.swing.table.AbstractTableModel
import javax.swing.table.DefaultTableCellRenderer
import javax.swing.tree.DefaultMutableTreeNode
import javax.swing.tree.DefaultTreeCellRenderer
import javax.swing.tree.DefaultTreeModel
import javax.swing.tree.TreePath
import javax.swing.tree.TreeSelectionModel

/** Shows rows, and keeps what is selected and open when they change. */
interface RowList {
    val component: JComponent
    val selected: Row?
    var rows: List<Row>
}

/** A tooltip of lines; what a server says is text, not HTML. */
private fun tooltip(row: Row): String? =
    row.tooltip.takeIf { it.isNotEmpty() }?.joinToString("<br>", "<html>", "</html>") {
        it.replace("&", "&amp;").replace("<", "&lt;")
    }

/** Rows with children. */
class RowTree : RowList {
    private val root = DefaultMutableTreeNode()
    private val model = DefaultTreeModel(root)
    private val tree = object : Tree(model) {
        override fun getToolTipText(event: java.awt.event.MouseEvent): String? =
            getPathForLocation(event.x, event.y)?.let(::rowOf)?.let(::tooltip)
    }

    init {
        tree.isRootVisible = false
        tree.showsRootHandles = true
        tree.selectionModel.selectionMode = TreeSelectionModel.SINGLE_TREE_SELECTION
        tree.toolTipText = ""
        tree.cellRenderer = Renderer()
    }

    override val component: JComponent get() = tree
    override val selected: Row? get() = tree.selectionPath?.let(::rowOf)

    override var rows: List<Row> = emptyList()
        set(value) {
            if (field == value) return
            field = value
            val open = paths().filter(tree::isExpanded).mapNotNull { rowOf(it)?.id }.toSet()
            val chosen = selected?.id
            root.removeAllChildren()
            value.forEach { root.add(node(it)) }
            model.reload()
            for (path in paths()) {
                val row = rowOf(path) ?: continue
                if (row.id in open) tree.expandPath(path)
                if (row.id == chosen) tree.selectionPath = path
            }
        }

    private fun node(row: Row): DefaultMutableTreeNode =
        DefaultMutableTreeNode(row).apply { row.children.forEach { add(node(it)) } }

    private fun paths(): List<TreePath> = root.preorderEnumeration().asSequence()
        .filterIsInstance<DefaultMutableTreeNode>()
        .map { TreePath(it.path) }
        .toList()

    private fun rowOf(path: TreePath): Row? = (path.lastPathComponent as DefaultMutableTreeNode).userObject as? Row

    private class Renderer : DefaultTreeCellRenderer() {
        override fun getTreeCellRendererComponent(
            tree: JTree,
            value: Any?,
            selected: Boolean,
            expanded: Boolean,
            leaf: Boolean,
            index: Int,
            focused: Boolean,
        ): Component {
            val row = (value as? DefaultMutableTreeNode)?.userObject as? Row
            super.getTreeCellRendererComponent(tree, row?.text.orEmpty(), selected, expanded, leaf, index, focused)
            icon = row?.let { Icons.of(it.group) }
            backgroundNonSelectionColor = null
            return this
        }
    }
}

/** Rows without children, a column for each thing that is shown. */
class RowTable : RowList {
    private val listed = Model()
    private val table = object : JBTable(listed) {
        override fun getToolTipText(event: java.awt.event.MouseEvent): String? =
            rowAtPoint(event.point).takeIf { it >= 0 }?.let { tooltip(listed.rows[it]) }
    }

    init {
        table.setSelectionMode(ListSelectionModel.SINGLE_SELECTION)
        table.setDefaultRenderer(Any::class.java, Renderer())
    }

    override val component: JComponent get() = table
    override val selected: Row? get() = listed.rows.getOrNull(table.selectedRow)

    override var rows: List<Row>
        get() = listed.rows
        set(value) {
            if (listed.rows == value) return
            val chosen = selected?.id
            val sameColumns = listed.columns == value.firstOrNull()?.shows?.keys?.toList()
            listed.rows = value
            if (sameColumns) listed.fireTableDataChanged() else listed.fireTableStructureChanged()
            val at = value.indexOfFirst { it.id == chosen }
            if (at >= 0) table.setRowSelectionInterval(at, at)
        }

    private class Model : AbstractTableModel() {
        var rows: List<Row> = emptyList()
        val columns: List<String> get() = rows.firstOrNull()?.shows?.keys?.toList().orEmpty()

        override fun getRowCount(): Int = rows.size

        override fun getColumnCount(): Int = columns.size

        override fun getColumnName(column: Int): String = Words.of("column.${columns[column]}")

        override fun getValueAt(row: Int, column: Int): Any? = rows[row].shows[columns[column]]
    }

    private inner class Renderer : DefaultTableCellRenderer() {
        override fun getTableCellRendererComponent(
            table: JTable,
            value: Any?,
            selected: Boolean,
            focused: Boolean,
            row: Int,
            column: Int,
        ): Component {
            super.getTableCellRendererComponent(table, value, selected, focused, row, column)
            icon = if (column == 0) Icons.of(listed.rows[row].group) else null
            return this
        }
    }
}

package com.intellij.ui.table;

import javax.swing.JTable;
import javax.swing.table.TableModel;

public class JBTable extends JTable {
  public JBTable(TableModel model) {
    super(model);
  }
}

package com.intellij.platform.backend.documentation;

import com.intellij.psi.PsiFile;
import java.util.List;

public interface DocumentationTargetProvider {
  List<? extends DocumentationTarget> documentationTargets(PsiFile file, int offset);
}

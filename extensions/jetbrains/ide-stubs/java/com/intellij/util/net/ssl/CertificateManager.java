package com.intellij.util.net.ssl;

import javax.net.ssl.SSLContext;

public class CertificateManager {
  public static CertificateManager getInstance() {
    return com.intellij.openapi.application.ApplicationManager.getApplication().getService(CertificateManager.class);
  }

  public SSLContext getSslContext() {
    return null;
  }

  public ConfirmingTrustManager getTrustManager() {
    return null;
  }
}

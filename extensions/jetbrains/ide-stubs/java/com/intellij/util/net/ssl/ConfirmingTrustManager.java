package com.intellij.util.net.ssl;

import javax.net.ssl.X509ExtendedTrustManager;

public abstract class ConfirmingTrustManager extends X509ExtendedTrustManager {}

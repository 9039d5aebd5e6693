package com.intellij.ide.passwordSafe

import com.intellij.credentialStore.CredentialStore
import com.intellij.openapi.application.ApplicationManager

interface PasswordStorage : CredentialStore

abstract class PasswordSafe : PasswordStorage {
    companion object {
        @JvmStatic
        val instance: PasswordSafe get() = ApplicationManager.getApplication().getService(PasswordSafe::class.java)
    }
}

package io.stellaops.ide

import com.intellij.credentialStore.CredentialAttributes
import com.intellij.ide.passwordSafe.PasswordSafe
import com.intellij.openapi.application.PathManager
import io.stellaops.core.signin.SecretStore

/** The IDE's password safe, and nowhere else. One entry per IDE: two of them would use up each other's refresh token. */
class Safe : SecretStore {
    private val attributes =
        CredentialAttributes("IntelliJ Platform Stella Ops — refresh token", PathManager.getConfigPath())

    override fun read(): String? = PasswordSafe.instance.getPassword(attributes)

    override fun write(secret: String?) = PasswordSafe.instance.setPassword(attributes, secret)
}

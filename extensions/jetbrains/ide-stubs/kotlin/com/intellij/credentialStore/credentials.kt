package com.intellij.credentialStore

class CredentialAttributes(val serviceName: String, val userName: String? = null)

interface CredentialStore {
    fun getPassword(attributes: CredentialAttributes): String?

    fun setPassword(attributes: CredentialAttributes, password: String?)
}

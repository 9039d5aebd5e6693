package io.stellaops.ide.settings

import com.intellij.openapi.application.ApplicationManager
import com.intellij.openapi.components.PersistentStateComponent
import com.intellij.openapi.components.Service
import com.intellij.openapi.components.State
import com.intellij.openapi.components.Storage
import io.stellaops.core.Settings

/** Keeps the settings for the IDE: none comes from a project, so that no repository can send a token elsewhere. */
@Service(Service.Level.APP)
@State(name = "StellaOps", storages = [Storage("stellaOps.xml")])
class SettingsState : PersistentStateComponent<SettingsState.Kept> {
    /** What is written into the file; the names are those of `parity.json`. */
    class Kept {
        var platformUrl: String = ""
        var hubUrl: String = ""
        var authorityUrl: String = ""
        var tokenPath: String = "/oauth/token"
        var clientId: String = "jetbrains-stella-ops"
        var scopes: String = Settings.DEFAULT_SCOPES
        var pollIntervalSeconds: Int = Settings.DEFAULT_POLL_SECONDS
        var caFile: String = ""
        var annotations: Boolean = true
    }

    /** What is set. */
    @Volatile
    var settings: Settings = Settings()

    override fun getState(): Kept = Kept().also {
        it.platformUrl = settings.platformUrl
        it.hubUrl = settings.hubUrl
        it.authorityUrl = settings.authorityUrl
        it.tokenPath = settings.tokenPath
        it.clientId = settings.clientId
        it.scopes = settings.scopes
        it.pollIntervalSeconds = settings.pollIntervalSeconds
        it.caFile = settings.caFile
        it.annotations = settings.annotations
    }

    override fun loadState(state: Kept) {
        settings = Settings(
            state.platformUrl,
            state.hubUrl,
            state.authorityUrl,
            state.tokenPath,
            state.clientId,
            state.scopes,
            state.pollIntervalSeconds,
            state.caFile,
            state.annotations,
        )
    }

    companion object {
        /** The one there is. */
        fun get(): SettingsState = ApplicationManager.getApplication().getService(SettingsState::class.java)
    }
}

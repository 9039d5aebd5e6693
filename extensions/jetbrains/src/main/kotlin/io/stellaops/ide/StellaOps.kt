package io.stellaops.ide

import com.intellij.openapi.application.ApplicationManager
import com.intellij.openapi.components.Service
import com.intellij.util.net.ssl.CertificateManager
import io.stellaops.core.Journal
import io.stellaops.core.Settings
import io.stellaops.core.http.BadCaFile
import io.stellaops.core.http.Transport
import io.stellaops.core.http.Unreachable
import io.stellaops.core.http.trusting
import io.stellaops.core.platform.Servers
import io.stellaops.core.signin.Session
import io.stellaops.core.state.Store
import io.stellaops.ide.settings.SettingsState

/** One sign-in and one picture of the servers, for all projects of the IDE. */
@Service(Service.Level.APP)
class StellaOps {
    val journal = Journal()
    val session = Session({ settings }, { transport }, Safe())
    val servers = Servers({ settings }, { transport }, session)
    val store = Store({ settings }, session, servers)

    @Volatile
    private var built: Pair<String, Transport>? = null

    init {
        session.onChange = store::settle
    }

    /** What is set now. */
    val settings: Settings get() = SettingsState.get().settings

    /** Sends with the proxy and the certificates of the IDE, and those of the CA file. */
    val transport: Transport get() {
        val caFile = settings.caFile
        built?.takeIf { it.first == caFile }?.let { return it.second }
        return newTransport(caFile).also { built = caFile to it }
    }

    private fun newTransport(caFile: String): Transport {
        val certificates = CertificateManager.getInstance()
        if (caFile.isBlank()) return Transport(ssl = certificates.sslContext)
        try {
            return Transport(ssl = trusting(certificates.trustManager, caFile))
        } catch (bad: BadCaFile) {
            throw Unreachable(bad.message.orEmpty(), bad)
        }
    }

    companion object {
        /** The one there is. */
        fun get(): StellaOps = ApplicationManager.getApplication().getService(StellaOps::class.java)
    }
}

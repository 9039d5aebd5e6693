package io.stellaops.core.command

import io.stellaops.core.Settings
import io.stellaops.core.Words
import io.stellaops.core.http.Transport
import io.stellaops.core.http.Unreachable
import io.stellaops.core.signin.Session
import io.stellaops.core.signin.SignIn
import io.stellaops.core.signin.SignInFailed
import io.stellaops.core.state.Store

/** Signing in and out, and changing the tenant, which is another sign-in. */
class SigningIn(
    private val settings: () -> Settings,
    private val transport: () -> Transport,
    private val session: Session,
    private val store: Store,
    private val person: Person,
) {
    /** `stellaOps.signIn`. */
    suspend fun signIn() = ask("stellaOps.signIn", required = false)

    /** `stellaOps.selectTenant`. */
    suspend fun selectTenant() = ask("stellaOps.selectTenant", required = true)

    /** `stellaOps.signOut`. */
    suspend fun signOut() {
        session.signOut()
        store.settle()
        person.tell(Words.of("signOut.done"))
    }

    private suspend fun ask(title: String, required: Boolean) {
        settings().problems().firstOrNull()?.let { return person.warn(it) }
        if (!settings().configured) return person.warn(Words.of("state.notConfigured"))
        val ways = listOf(Option(BROWSER, Words.of("signIn.browser")), Option(CODE, Words.of("signIn.code")))
        val answers = person.ask(
            Question(
                Words.of(title),
                Words.of("signIn.action"),
                listOf(
                    Field.Text("tenant", Words.of(if (required) "ask.tenant" else "ask.tenantOptional"), required),
                    Field.Choice("way", Words.of("ask.way"), ways, BROWSER),
                ),
            ),
        ) ?: return
        signIn(answers["tenant"], inBrowser = answers["way"] != CODE)
    }

    /** Signs in; where no browser opens, a code is shown. */
    suspend fun signIn(tenant: String?, inBrowser: Boolean) {
        try {
            SignIn(settings(), transport(), session).signIn(
                tenant?.trim(),
                open = { url -> inBrowser && person.browse(url) },
                show = person::showCode,
            )
        } catch (failed: SignInFailed) {
            return person.warn(failed.message.orEmpty())
        } catch (badCaFile: Unreachable) {
            return person.warn(badCaFile.message.orEmpty())
        }
        store.settle()
        val identity = session.identity
        person.tell(Words.of("signIn.done", identity?.subject ?: "—", identity?.tenant ?: "—"))
        store.refresh()
    }

    private companion object {
        const val BROWSER = "browser"
        const val CODE = "code"
    }
}

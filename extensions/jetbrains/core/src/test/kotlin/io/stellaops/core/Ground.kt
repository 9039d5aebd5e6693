package io.stellaops.core

import io.stellaops.core.command.Person
import io.stellaops.core.command.Question
import io.stellaops.core.http.Transport
import io.stellaops.core.json.Json
import io.stellaops.core.json.Members.Companion.membersOf
import io.stellaops.core.platform.Servers
import io.stellaops.core.signin.DeviceCode
import io.stellaops.core.signin.SecretStore
import io.stellaops.core.signin.Session
import io.stellaops.core.state.Store
import java.net.URI
import java.net.http.HttpClient
import java.net.http.HttpRequest
import java.net.http.HttpResponse

/** The servers of a test run: a hub, an Authority and a platform that were started beside it, and somebody at a browser. */
object Ground {
    private val url: String? = System.getProperty("stella.ground")
    private val client = HttpClient.newHttpClient()

    /** Whether there is one: without it, tests of the real servers are left out. */
    val there: Boolean get() = url != null

    /** The settings that lead to the servers. */
    val settings: Settings by lazy {
        val told = membersOf(Json.read(ask("/settings")))!!
        Settings(told.text("platformUrl")!!, told.text("hubUrl")!!, told.text("authorityUrl")!!)
    }

    /** Has something done: a page opened by a person, a server stopped or started. */
    fun ask(path: String, body: String = ""): String {
        val request = HttpRequest.newBuilder(URI(url + path)).POST(HttpRequest.BodyPublishers.ofString(body)).build()
        val answer = client.send(request, HttpResponse.BodyHandlers.ofString())
        check(answer.statusCode() == 200) { "$path: ${answer.statusCode()} ${answer.body()}" }
        return answer.body()
    }
}

/** A password safe that is a variable. */
class Pocket : SecretStore {
    @Volatile
    var secret: String? = null

    override fun read() = secret

    override fun write(secret: String?) {
        this.secret = secret
    }
}

/** One plugin without an IDE. */
class Plugin(val settings: Settings = Ground.settings, val pocket: Pocket = Pocket()) {
    private val transport = Transport(proxy = null)
    val session = Session({ settings }, { transport }, pocket)
    val servers = Servers({ settings }, { transport }, session)
    val store = Store({ settings }, session, servers)
    val transports = { transport }

    init {
        session.onChange = store::settle
    }
}

/** A person who answers as the test says. */
class Scripted(private val name: String, private val answers: Map<String, String> = emptyMap()) : Person {
    val told = ArrayList<String>()
    val warned = ArrayList<String>()
    val asked = ArrayList<Question>()
    val confirmed = ArrayList<String>()
    val pages = HashMap<String, String>()
    var agrees = true
    var browses = true

    override suspend fun ask(question: Question): Map<String, String> = answers.also { asked += question }

    override suspend fun confirm(title: String, text: String, action: String): Boolean = agrees.also {
        confirmed += text
    }

    override suspend fun tell(text: String) {
        told += text
    }

    override suspend fun warn(text: String) {
        warned += text
    }

    override suspend fun browse(url: String): Boolean {
        if (browses) Ground.ask("/browse?person=$name", url)
        return browses
    }

    override suspend fun show(title: String, text: String) {
        pages[title] = text
    }

    override suspend fun showCode(code: DeviceCode) {
        Ground.ask("/browse?person=$name", code.completeUrl!!)
    }
}

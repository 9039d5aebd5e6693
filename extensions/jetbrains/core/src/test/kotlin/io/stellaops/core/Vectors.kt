package io.stellaops.core

import io.stellaops.core.json.Json
import io.stellaops.core.json.Members
import io.stellaops.core.json.Members.Companion.membersOf
import org.junit.jupiter.api.DynamicTest
import java.nio.file.Files
import java.nio.file.Path

/** The folder `extensions`, where what both extensions share is. */
val extensions: Path = Path.of(System.getProperty("stella.extensions"))

/** A shared file as an object. */
fun shared(path: String): Members = membersOf(raw(path))!!

/** A shared file as it is. */
fun raw(path: String): Map<*, *> = Json.read(Files.readString(extensions.resolve(path))) as Map<*, *>

/** One test per case. */
fun each(cases: List<Members>, test: (Members) -> Unit): List<DynamicTest> {
    check(cases.isNotEmpty())
    return cases.mapIndexed { n, case -> DynamicTest.dynamicTest(case.text("name") ?: "$n") { test(case) } }
}

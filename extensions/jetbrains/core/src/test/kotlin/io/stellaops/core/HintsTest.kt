package io.stellaops.core

import io.stellaops.core.yaml.Known
import io.stellaops.core.yaml.Named
import io.stellaops.core.yaml.Span
import io.stellaops.core.yaml.hover
import io.stellaops.core.yaml.suggestions
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Test

/** Completion and hover; the caret is written `|`. */
class HintsTest {
    private val known =
        Known(listOf("checkout", "true"), listOf("dev", "prod"), listOf("harbor-prod", "github shop: 1"))

    private fun offered(text: String, names: Known = known) =
        suggestions(text.replace("|", ""), text.indexOf('|'), names).map { it.text }

    private fun told(text: String) = hover(text.replace("|", ""), text.indexOf('|'))

    @Test
    fun `keys that are missing are offered`() {
        assertEquals(
            listOf("apiVersion: ", "components: ", "source: ", "environments: ", "promotion: "),
            offered("release: checkout\n|"),
        )
        assertEquals(listOf("name: ", "image: ", "digest: ", "registry: "), offered("components:\n  - |"))
        assertEquals(listOf("name: ", "digest: ", "registry: "), offered("components:\n  - image: x\n    na|\n"))
        assertEquals(listOf("from: ", "approvals: "), offered("promotion:\n  |\n  to: prod\n"))
    }

    @Test
    fun `names of the servers are offered where they may stand, written as YAML`() {
        assertEquals(listOf("checkout", "\"true\""), offered("release: |"))
        assertEquals(listOf("harbor-prod", "\"github shop: 1\""), offered("source: ha|"))
        assertEquals(listOf("dev", "prod"), offered("environments:\n  - |"))
        assertEquals(listOf("dev", "prod"), offered("promotion:\n  to: |"))
        assertEquals(
            listOf("harbor-prod", "\"github shop: 1\""),
            offered("components:\n  - name: api\n    registry: |"),
        )
        assertEquals(listOf("stella-ops/v1"), offered("apiVersion: |"))
    }

    @Test
    fun `nothing is offered where nothing is known`() {
        assertEquals(emptyList<String>(), offered("release: |", Known()))
        assertEquals(emptyList<String>(), offered("release: checkout # the |"))
        assertEquals(emptyList<String>(), offered("nonsense: |"))
    }

    @Test
    fun `a key and a name are explained`() {
        val key = told("apiVersion: stella-ops/v1\nrel|ease: checkout\n")!!
        assertEquals("Release", key.title)
        assertEquals("The name of the release, as the platform lists it. Its versions share the name.", key.description)
        assertNull(key.named)
        val name = told("release: checkout\nenvironments: [dev, pr|od]\n")!!
        assertEquals("Environment", name.title)
        assertEquals(Named("environment", "prod", Span(38, 42)), name.named)
        assertEquals("harbor-prod", told("components:\n  - registry: |harbor-prod\n")!!.named?.name)
    }

    @Test
    fun `nothing is explained where nothing stands, and in a text that is not YAML`() {
        assertNull(told("release: checkout\n\n|\n"))
        assertNull(told("nonsense: x|\n"))
        assertNull(told("release: [check|out\n"))
    }
}

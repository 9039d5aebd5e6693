import org.jetbrains.changelog.Changelog
import org.jetbrains.changelog.markdownToHTML
import org.jetbrains.kotlin.gradle.dsl.JvmTarget

plugins {
    id("org.jetbrains.kotlin.jvm")
    id("org.jetbrains.intellij.platform")
    id("org.jetbrains.changelog")
}

group = providers.gradleProperty("pluginGroup").get()
version = providers.gradleProperty("pluginVersion").get()

kotlin {
    jvmToolchain(21)
    compilerOptions {
        jvmTarget = JvmTarget.JVM_17
        freeCompilerArgs.add("-Xjvm-default=all")
    }
}

java {
    targetCompatibility = JavaVersion.VERSION_17
}

// core knows nothing of the IDE: checks/check.sh compiles it alone. The tests of the IDE layer stand on its declarations.
sourceSets {
    main {
        kotlin.srcDir("core/src/main/kotlin")
        resources.srcDir("core/src/main/resources")
    }
    test {
        kotlin.setSrcDirs(listOf("core/src/test/kotlin"))
    }
}

dependencies {
    implementation("org.yaml:snakeyaml:1.33")
    testImplementation("org.junit.jupiter:junit-jupiter:5.9.2")
    testRuntimeOnly("org.junit.platform:junit-platform-launcher:1.9.2")
    intellijPlatform {
        intellijIdea(providers.gradleProperty("platformVersion"))
        bundledPlugin("org.jetbrains.plugins.yaml")
        pluginVerifier()
        zipSigner()
    }
}

intellijPlatform {
    buildSearchableOptions = false // it would start an IDE for one more jar; the settings page is found by its name
    pluginConfiguration {
        version = providers.gradleProperty("pluginVersion")
        description = providers.fileContents(layout.projectDirectory.file("README.md")).asText.map { text ->
            val marked = text.substringAfter(
                "<!-- Plugin description -->",
            ).substringBefore("<!-- Plugin description end -->")
            markdownToHTML(marked)
        }
        changeNotes = providers.gradleProperty("pluginVersion").map { version ->
            changelog.renderItem(changelog.get(version).withHeader(false), Changelog.OutputType.HTML)
        }
        ideaVersion {
            sinceBuild = providers.gradleProperty("pluginSinceBuild")
            untilBuild = provider { null }
        }
    }
    pluginVerification {
        ides {
            recommended()
        }
    }
}

tasks {
    processResources {
        from("../api") {
            include("stella.schema.json", "findings.json")
            into("stella")
        }
    }
    test {
        useJUnitPlatform()
        systemProperty("stella.extensions", layout.projectDirectory.dir("..").asFile.path)
    }
    named("assemble") { dependsOn("buildPlugin") }
}

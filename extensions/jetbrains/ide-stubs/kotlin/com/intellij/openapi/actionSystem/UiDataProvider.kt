package com.intellij.openapi.actionSystem

interface UiDataProvider {
    fun uiDataSnapshot(sink: DataSink)
}

interface DataSink {
    fun <T : Any> set(key: DataKey<T>, data: T?)
}

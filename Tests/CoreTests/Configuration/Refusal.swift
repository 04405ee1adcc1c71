// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import FoundationEssentials

/// What the start would say; nil when it succeeds.
func refusal<Value>(_ body: () throws -> Value) -> String? {
    do {
        _ = try body()
        return nil
    } catch {
        return "\(error)"
    }
}

/// The settings of an environment and of a file with this text.
func settings(file text: String, environment: [String: String] = [:]) throws -> Settings {
    try withFile(text) { path in
        try Settings(environment: environment.merging(["POSTERN_CONFIG": path]) { given, _ in given })
    }
}

/// Gives `body` the path of a file with this text, which is removed afterwards.
func withFile<Value>(_ text: String, _ body: (String) throws -> Value) throws -> Value {
    let file = FileManager.default.temporaryDirectory.appending(path: "postern-\(UUID())")
    try Data(text.utf8).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    return try body(file.path)
}

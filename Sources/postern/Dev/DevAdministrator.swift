// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import FoundationEssentials
import Glibc
import Models
import Services
import Worker

/// The first administrator of a development installation.
///
/// The API key is kept in a file, so that the commands of the tour work at every run; a real installation shows it
/// once.
struct DevAdministrator {
    private static let defaultEmail = "admin@example.com"

    /// Where the API key is kept: `.postern/admin-key`.
    let keyPath: String
    /// The way in without a provider; nil unless the administrator was made in this run.
    let signInURL: Redacted<String>?

    init(directory: String, configuration: Configuration, email: EmailAddress?) throws {
        keyPath = "\(directory)/admin-key"
        let installation = Installation(configuration)
        guard try !installation.open({ try await $0.bootstrap.isDone() }) else {
            signInURL = nil
            return
        }
        guard let email = email ?? EmailAddress(Self.defaultEmail) else { throw DevError("there is no e-mail address") }
        let result = try installation.open { try await $0.bootstrap.run(email: email) }
        signInURL = result.signInURL

        let text = Array((result.apiKey.exposed + "\n").utf8)
        let file = open(keyPath, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard file >= 0 else {
            throw DevError("cannot write \(keyPath): \(SystemCallError("open", code: errno).reason)")
        }
        defer { close(file) }
        guard write(file, text, text.count) == text.count else { throw DevError("cannot write \(keyPath)") }
    }

    /// Whether the key's file is there: not when the administrator was made elsewhere.
    var hasKey: Bool { access(keyPath, R_OK) == 0 }
}

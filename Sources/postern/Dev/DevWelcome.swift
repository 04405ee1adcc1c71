// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

/// What `postern dev` says when the server is ready.
struct DevWelcome {
    let url: PublicURL
    let administrator: DevAdministrator
    let providers: [ProviderSettings]
    let isDemonstrating: Bool
    let directory: String

    var text: String {
        ([headline, signIn, administratorLines, footer]).compactMap(\.self).joined(separator: "\n\n") + "\n"
    }

    private var headline: String {
        "\nPostern is ready: \(url)"
    }

    private var signIn: String? {
        guard !providers.isEmpty else { return nil }
        let links = providers.map { "  \(url)/api/v1/auth/\($0.name)/login" }
        let note = isDemonstrating ? " (a demonstration provider: anybody is who they say they are)" : ""
        return "Sign in with a browser\(note):\n" + links.joined(separator: "\n")
    }

    private var administratorLines: String? {
        var lines: [String] = []
        if let link = administrator.signInURL {
            lines.append("Sign in as the first administrator (works once, within an hour):\n  \(link.exposed)\n")
        }
        if administrator.hasKey {
            lines.append("Call as the first administrator:")
            lines.append("  curl -H \"X-API-Key: $(cat \(administrator.keyPath))\" \(url)/api/v1/users/me")
        }
        return lines.isEmpty ? nil : lines.joined(separator: "\n")
    }

    private var footer: String {
        "Ctrl-C stops it. The data stay in \(directory)/."
    }
}

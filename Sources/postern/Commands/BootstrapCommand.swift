// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Core
import Glibc
import Models
import Services
import Worker

/// `postern bootstrap`: the first administrator.
struct BootstrapCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bootstrap",
        abstract: "Make the first administrator: a one-time sign-in link and an API key, shown once.",
        discussion: "Refuses when an administrator exists."
    )

    @Option(
        help: "The administrator's e-mail address.",
        transform: EmailAddress.argument
    )
    var email: EmailAddress

    @Flag(help: "Write JSON.")
    var json = false

    func run() throws {
        let result = try Installation.ofProcess().open { [email] installation in
            // A key that was made under another POSTERN_SECRET would never work.
            try await installation.signingKeys.load()
            return try await installation.bootstrap.run(email: email)
        }
        try Terminal.data(json ? Self.json(result) : Self.text(result))
    }

    private static func json(_ result: BootstrapService.Result) -> String {
        var json = JSONWriter()
        json.object { json in
            json.member("user_id", result.user.id.description)
            json.member("api_key", result.apiKey.exposed)
            json.member("sign_in_url", result.signInURL.exposed)
        }
        return json.text
    }

    private static func text(_ result: BootstrapService.Result) -> String {
        """
        The administrator \(result.user.email) exists. This is shown once:

          API key       \(result.apiKey.exposed)
          sign-in link  \(result.signInURL.exposed)

        The link works once, within an hour.
        """
    }
}

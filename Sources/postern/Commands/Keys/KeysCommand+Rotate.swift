// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Core
import Models
import Schemas
import Services
import Worker

extension KeysCommand {
    /// `postern keys rotate`.
    struct Rotate: InstallationCommand {
        static let configuration = CommandConfiguration(
            abstract: "Replace an API key by a new one, which is shown this once.",
            discussion: "The new key has owner, name and grants of the old one, and lives as long unless you say."
        )

        @Argument(help: "The id of the key.", transform: Identifier<APIKey>.argument)
        var id: Identifier<APIKey>

        @Option(help: "How long the old key goes on working, such as 1h; at most 30d.", transform: Self.overlap)
        var overlap: Duration = .zero

        @OptionGroup var expiry: ExpiryOptions
        @OptionGroup var confirmation: ConfirmationOptions
        @OptionGroup var output: OutputOptions

        func run(on installation: Composition) async throws {
            // A key that was made under another POSTERN_SECRET would never work.
            try await installation.signingKeys.load()
            if overlap == .zero {
                let key = try await installation.describe(id)
                try confirmation.confirm("Replace \(key), which then ends at once? (--overlap lets it work on a while)")
            }
            let created = try await installation.apiKeys.rotate(
                id,
                overlap: overlap,
                expiresAt: expiry.change(at: SystemClock().now()),
                by: .shell
            )
            try output.show(
                created,
                KeysCommand.createdColumns,
                as: APIKeyCreatedResponse(created.key, secret: created.secret)
            )
        }

        private static func overlap(_ text: String) throws -> Duration {
            let overlap = try Duration.argument(text)
            guard overlap <= APIKey.maximumOverlap else { throw ValidationError("it must be at most 30d.") }
            return overlap
        }
    }
}

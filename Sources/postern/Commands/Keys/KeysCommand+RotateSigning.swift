// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Core
import Models
import Schemas
import Services
import TerminalText
import Worker

extension KeysCommand {
    /// `postern keys rotate-signing`.
    struct RotateSigning: InstallationCommand {
        static let configuration = CommandConfiguration(
            commandName: "rotate-signing",
            abstract: "Begin to replace the key that signs access tokens, and list the signing keys.",
            discussion: """
                The next key is published now and signs in an hour; the one before it goes on verifying until its last \
                token is dead. Postern does so by itself every 90 days. With --now, for a key that is known to others: \
                a new key signs at once, and every access token made before is refused.
                """
        )

        @Flag(help: "Do not accept the present keys any more.")
        var now = false

        @OptionGroup var confirmation: ConfirmationOptions
        @OptionGroup var output: OutputOptions

        func run(on installation: Composition) async throws {
            if now { try confirmation.confirm("Refuse every access token that was made until now?") }
            let keys =
                try await now ? installation.signingKeys.replaceAll() : installation.signingKeys.beginRotation()
            try output.show(PagingOptions.Part(items: keys, next: nil), Self.columns) { key in
                SigningKeyResponse(key.record, stage: key.stage.rawValue)
            }
        }

        private static let columns: [Column<SigningKeyService.StagedKey>] = [
            Column("kid") { $0.record.kid },
            Column("stage") { $0.stage.rawValue },
            Column("signs from") { $0.record.activatesAt.forPeople },
            Column("signs until") { $0.record.retiredAt?.forPeople ?? "" },
        ]
    }
}

// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Models

/// A key that signs access tokens, without the key itself.
package struct SigningKeyResponse: ResponseSchema {
    private let key: SigningKeyRecord
    private let stage: String

    /// - Parameters:
    ///   - key: The key.
    ///   - stage: What it is good for now.
    package init(_ key: SigningKeyRecord, stage: String) {
        self.key = key
        self.stage = stage
    }

    package static let properties: [Property<SigningKeyResponse>] = [
        .text("kid", "The name of the key in tokens and in the key set.") { $0.key.kid },
        .text("stage", "published, signing or verifying.") { $0.stage },
        .time("created_at") { $0.key.createdAt },
        .time("activates_at") { $0.key.activatesAt },
        .time("retired_at") { $0.key.retiredAt },
    ]
}

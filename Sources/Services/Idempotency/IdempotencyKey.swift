// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Models

/// What a client writes on a request to be able to send it again (the header `Idempotency-Key`).
package struct IdempotencyKey: Hashable, Sendable {
    /// The longest key, in characters.
    package static let maximumLength = 255

    package let text: String

    /// - Throws: ``ErrorCode/validationFailed`` unless `text` is 1 to 255 visible ASCII characters.
    package init(_ text: String) throws(DomainError) {
        guard (1...Self.maximumLength).contains(text.utf8.count), text.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else {
            throw .invalid(
                "Idempotency-Key",
                code: "invalid",
                "must be 1 to \(Self.maximumLength) visible ASCII characters"
            )
        }
        self.text = text
    }

    /// The text that stands for this key in the hands of `principal`: what one caller names is not another's.
    ///
    /// An API key may do less than its owner, and must not get at answers that the owner was given.
    func text(for principal: Principal) -> String {
        switch principal.credential {
        case .accessToken: "user \(principal.userID) \(text)"
        case .apiKey(let id): "key \(id) \(text)"
        }
    }
}

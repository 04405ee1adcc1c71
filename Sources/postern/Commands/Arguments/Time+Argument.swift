// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Core

extension Duration {
    /// The duration that an option gives.
    static func argument(_ text: String) throws -> Duration {
        guard let duration = Settings.duration(of: text) else {
            throw ValidationError("'\(text)' is not a duration such as 60s, 5m, 12h or 90d.")
        }
        return duration
    }
}

extension Timestamp {
    /// The instant that an option gives.
    static func argument(_ text: String) throws -> Timestamp {
        guard let instant = Timestamp(rfc3339: text) else {
            throw ValidationError("'\(text)' is not a time such as 2030-01-31T09:00:00Z.")
        }
        return instant
    }
}

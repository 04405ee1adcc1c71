// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// The version of a migration, as an option gives it.
enum MigrationVersion {
    /// The four digits of `text`, which may leave out zeros in front.
    static func argument(_ text: String) throws -> String {
        guard let number = UInt16(text), number <= 9999 else {
            throw ValidationError("'\(text)' is no version such as 0021.")
        }
        let digits = String(number)
        return String(repeating: "0", count: 4 - digits.count) + digits
    }
}

// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Core
import Schemas

extension RequestSchema {
    /// Reads an option as the API reads the field `field`, so that both refuse the same.
    static func argument(_ field: String) -> @Sendable (String) throws -> String {
        { text in
            do throws(DomainError) {
                _ = try read(.object([field: .string(text)]))
            } catch {
                guard let refusal = error.fields.first(where: { $0.name == field }) else { return text }
                throw ValidationError("it \(refusal.message).")
            }
            return text
        }
    }
}

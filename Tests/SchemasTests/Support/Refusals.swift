// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

/// `place code` of each field that `read` refuses, in order; nil when it refuses none.
func refusedFields<Value>(_ read: () throws(DomainError) -> Value) -> [String]? {
    do {
        _ = try read()
        return nil
    } catch {
        return error.code == .validationFailed ? error.fields.map { "\($0.name) \($0.code)" } : ["\(error)"]
    }
}

// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Models

extension RoleName {
    /// The name that an argument gives.
    static func argument(_ text: String) throws -> RoleName {
        guard let name = RoleName(text) else {
            throw ValidationError(
                "'\(text)' is no name of a role: up to 64 of a-z, 0-9, _, - and ., beginning with a letter."
            )
        }
        return name
    }
}

extension PermissionName {
    /// The name that an argument gives.
    static func argument(_ text: String) throws -> PermissionName {
        guard let name = PermissionName(text) else {
            throw ValidationError(
                "'\(text)' is not resource:action, each up to 64 of a-z, 0-9, _, - and ., beginning with a letter."
            )
        }
        return name
    }
}

// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Models

extension Endpoint {
    /// Every error that a caller can get, its own and those that follow from the rest of the declaration.
    ///
    /// What can happen to any request whatever the address (405, 408, 414, 431) is not among them.
    var possibleErrors: Set<ErrorCode> {
        var codes = errors
        if let rule {
            // Two credentials; none, or a bad one; a check that needs the database.
            codes.formUnion([.malformed, .unauthenticated, .unavailable])
            if !rule.roles.isEmpty || !rule.permissions.isEmpty || !rule.apiKeyPermissions.isEmpty {
                codes.insert(.forbidden)
            }
        }
        switch input {
        case .nothing, .query:
            codes.insert(.validationFailed)
        case .body, .optionalBody:
            codes.formUnion([.malformed, .payloadTooLarge, .unsupportedMediaType, .validationFailed])
        case .form, .rawForm:
            codes.formUnion([.malformed, .payloadTooLarge, .unsupportedMediaType])
        case .rawQuery:
            break
        }
        if limit != .none { codes.insert(.rateLimited) }
        if path.contains("{") { codes.insert(.notFound) }
        if takesIfMatch { codes.formUnion([.malformed, .staleVersion]) }
        if takesIdempotencyKey { codes.formUnion([.validationFailed, .idempotencyMismatch]) }
        if codes.contains(.unavailable) { codes.insert(.internal) }
        return codes
    }
}

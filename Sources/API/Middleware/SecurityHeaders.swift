// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import HTTPTypes

/// The header fields of every answer that tell browsers to be careful.
enum SecurityHeaders {
    /// Adds them; an answer keeps what it set itself.
    static func add(to headers: inout HTTPFields, isSecure: Bool) {
        for field in fields where headers[field.name] == nil { headers.append(field) }
        if isSecure { headers[.strictTransportSecurity] = "max-age=31536000; includeSubDomains" }
    }

    private static let fields = [
        HTTPField(name: .cacheControl, value: "no-store"),
        HTTPField(name: .contentSecurityPolicy, value: "default-src 'none'; frame-ancestors 'none'"),
        HTTPField(name: .referrerPolicy, value: "no-referrer"),
        HTTPField(name: .xContentTypeOptions, value: "nosniff"),
    ]
}

// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import HTTPTypes

/// The header fields of every answer that tell browsers to be careful.
struct SecurityHeaders: Sendable {
    private static let fields: HTTPFields = [
        .cacheControl: "no-store",
        .contentSecurityPolicy: "default-src 'none'; frame-ancestors 'none'",
        .referrerPolicy: "no-referrer",
        .xContentTypeOptions: "nosniff",
    ]
    private static let secure: HTTPFields = [.strictTransportSecurity: "max-age=31536000; includeSubDomains"]

    private let fields: HTTPFields
    /// All of them, written once: nearly every answer has them all.
    private let lines: HeaderLines

    /// - Parameter isSecure: Whether callers come by https.
    init(isSecure: Bool) {
        var fields = Self.fields
        if isSecure { fields.append(contentsOf: Self.secure) }
        self.fields = fields
        self.lines = HeaderLines(fields)
    }

    /// Adds them; an answer keeps what it set itself.
    func add(to header: inout HeaderLines, unlessIn own: HTTPFields) {
        guard !own.isEmpty else { return header.append(lines) }
        for field in fields where own[field.name] == nil { header.append(field.name, field.value) }
    }
}
